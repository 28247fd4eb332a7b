import { useId, useState } from "react";
import { line } from "../../actions/commands";
import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { ApprovalLine, Done } from "../../api/schema";
import { Command } from "../../parts/Command";
import { ProblemNote } from "../../parts/Problem";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { Asker } from "./Asker";

const LONGEST = 1024;
/** The option that fails the task. */
const REJECT = "reject";

/** One question that waits, with its options as buttons. */
export function Question({ asked }: { asked: ApprovalLine }) {
  const [comment, setComment] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const heading = useId();
  const act = useAct<string, Done>({
    call: (answer) =>
      api.POST("/api/v1/namespaces/{namespace}/approvals/{approval}/answer", {
        params: { path: { namespace: asked.namespace, approval: asked.name } },
        body: { answer, dryRun: false, ...(comment.trim() !== "" && { comment }) },
      }),
    done: (_, answer) => `Answered “${answer}” to ${asked.task} of ${asked.run}`,
    quiet: true,
  });
  return (
    <article className="card stack question" aria-labelledby={heading}>
      <header className="row question-head">
        <Asker approval={asked} />
        <span className="muted small">
          asked <Time at={asked.createdAt} ago />
        </span>
        {asked.expiresAt !== null && (
          <span className="question-limit small">
            time is up <Time at={asked.expiresAt} ago />
            {asked.defaultAnswer === null ? ": the task fails then" : `: “${asked.defaultAnswer}” counts then`}
          </span>
        )}
      </header>
      <p id={heading} className="question-text">
        <Said text={asked.question} />
      </p>
      <label className="field">
        <span className="small muted">Comment (as you like)</span>
        <textarea rows={2} value={comment} maxLength={LONGEST} onChange={(event) => setComment(event.target.value)} />
      </label>
      {chosen === null ? (
        <div className="row" role="group" aria-label="Answers">
          {asked.options.map((option) => (
            <button key={option} type="button" className={option === REJECT ? "danger" : ""} disabled={act.isPending} onClick={() => setChosen(option)}>
              {option}
            </button>
          ))}
        </div>
      ) : (
        <div className="row question-sure" role="group" aria-label={`Answer ${chosen}?`}>
          <span>
            Answer <strong>{chosen}</strong>? It can be given once{chosen === REJECT && ", and fails the task"}.
          </span>
          <button type="button" ref={focused} onClick={() => setChosen(null)}>
            Back
          </button>
          <button type="button" className={chosen === REJECT ? "danger" : "primary"} disabled={act.isPending} onClick={() => act.mutate(chosen)}>
            {act.isPending ? "Answering…" : `Answer ${chosen}`}
          </button>
        </div>
      )}
      <ProblemNote error={act.error} />
      <Command line={commandOf(asked, chosen, comment)} />
    </article>
  );
}

/** As the buttons change, the keyboard stays at the safe one. */
function focused(button: HTMLButtonElement | null) {
  button?.focus();
}

function commandOf(asked: ApprovalLine, chosen: string | null, comment: string): string {
  const spec = { answer: chosen ?? asked.options[0], ...(comment.trim() !== "" && { comment }) };
  return line("kubectl", "-n", asked.namespace, "patch", "approval", asked.name, "--type", "merge", "-p", JSON.stringify({ spec }));
}
