import { api } from "../../api/client";
import { useAct, useRead } from "../../api/hooks";
import type { BulkDag, BulkDags, BulkPause } from "../../api/schema";
import { count } from "../../format";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";

export type Chosen = Pick<BulkPause, "dags"> | Pick<BulkPause, "filter">;
type Props = { chosen: Chosen; paused: boolean; onClose: () => void; onDone: () => void };

/** Pause or unpause several Dags: first what a dry run says of each, then what became of each. */
export function PauseDialog({ chosen, paused, onClose, onDone }: Props) {
  const verb = paused ? "Pause" : "Unpause";
  const plan = useRead<BulkDags>({
    key: ["bulk-pause", chosen, paused],
    about: [],
    call: (signal) => api.POST("/api/v1/bulk/pause", { body: { ...chosen, paused, dryRun: true }, signal }),
  });
  const act = useAct<string, BulkDags>({
    call: (expect) => api.POST("/api/v1/bulk/pause", { body: { ...chosen, paused, expect } }),
    done: (told) => `${count(worked(told).length, "Dag")} ${paused ? "paused" : "unpaused"}`,
    quiet: true,
  });
  const told = act.data ?? plan.data;
  const refused = told?.items.filter((item) => item.problem) ?? [];
  const first = told && worked(told)[0];

  function confirm() {
    if (act.data !== undefined) {
      onClose();
    } else if (plan.data !== undefined) {
      act.mutate(plan.data.token, {
        onSuccess(done) {
          onDone();
          if (done.items.every((item) => !item.problem)) {
            onClose();
          }
        },
      });
    }
  }

  return (
    <Confirm
      title={`${verb} ${told === undefined ? "Dags" : count(worked(told).length, "Dag")}`}
      verb={act.data === undefined ? verb : "Close"}
      onConfirm={confirm}
      onClose={onClose}
      busy={act.isPending}
      disabled={told === undefined || worked(told).length === 0}
    >
      <p>
        {paused
          ? "They make no new runs and start no new tasks; Pods at work go on to their end."
          : "They make runs again by their schedules."}
      </p>
      <ProblemNote error={act.error ?? plan.error} />
      {plan.isLoading && <Loading what="Asking what would change" />}
      {told !== undefined && <List items={worked(told)} />}
      {refused.length > 0 && (
        <div className="problem">
          <p className="problem-title">Left as they are: {count(refused.length, "Dag")}</p>
          {refused.map((item) => (
            <p key={`${item.namespace}/${item.dag}`}>
              {item.namespace}/{item.dag}: {item.problem?.detail}
            </p>
          ))}
        </div>
      )}
      {first?.outcome && <Command line={first.outcome.command} label="The same for the first of them in a terminal" />}
    </Confirm>
  );
}

function List({ items }: { items: readonly BulkDag[] }) {
  return (
    <ul className="dags-list">
      {items.map((item) => (
        <li key={`${item.namespace}/${item.dag}`} className="dags-listed">
          {item.namespace}/{item.dag}
        </li>
      ))}
    </ul>
  );
}

function worked(told: BulkDags): readonly BulkDag[] {
  return told.items.filter((item) => !item.problem);
}
