/** One thing done to many runs: what it would touch, then exactly that, and what became of each. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { added, alongWords } from "../../actions/along";
import { RefusedRuns } from "../../actions/AffectedRuns";
import { api, data } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Problem } from "../../api/problem";
import type { BulkRun, BulkRuns, Cancel, MarkedState, Named, RunsFilter } from "../../api/schema";
import { count } from "../../format";
import { Confirm, Dialog } from "../../parts/Dialog";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";

export type Bulk = "retry" | "clear" | "mark" | "cancel" | "delete";
/** Exactly one of both. */
export type Chosen = { runs: Named[] } | { filter: RunsFilter };
type Props = { bulk: Bulk; chosen: Chosen; onClose: () => void; onDone: () => void };
type How = { dryRun: true } | { expect: string };

const WORDS: Record<Bulk, { title: string; verb: string; done: string; says: string }> = {
  retry: { title: "Retry what failed", verb: "Retry", done: "retried", says: "Tasks that failed begin anew, and those that were not run for it." },
  clear: { title: "Clear runs", verb: "Clear", done: "cleared", says: "All of their tasks begin anew; what runs is ended first." },
  mark: { title: "Mark runs", verb: "Mark", done: "marked", says: "The runs end as told, and what runs of them is ended." },
  cancel: { title: "Cancel runs", verb: "Cancel runs", done: "cancelled", says: "The runs end as failed." },
  delete: {
    title: "Delete runs",
    verb: "Delete",
    done: "deleted; their history stays",
    says: "The DagRuns go, and with them their TaskRuns and Pods; what is at work is ended. What is kept of them in the database stays to be read.",
  },
};
const STATES: readonly MarkedState[] = ["success", "failed"];
const MODES: readonly (readonly [Cancel, string])[] = [
  ["graceful", "gracefully: Pods get their grace period, and teardowns run"],
  ["force", "by force: Pods are killed at once, and no teardown runs"],
];

export function BulkDialog({ bulk, chosen, onClose, onDone }: Props) {
  const [state, setState] = useState<MarkedState>("success");
  const [mode, setMode] = useState<Cancel>("graceful");
  const [told, setTold] = useState<BulkRuns | null>(null);
  const words = WORDS[bulk];

  const call = (how: How, signal?: AbortSignal) => {
    const body = { ...chosen, ...how };
    const more = signal === undefined ? {} : { signal };
    switch (bulk) {
      case "retry":
        return api.POST("/api/v1/bulk/clear", { body: { ...body, onlyFailed: true }, ...more });
      case "clear":
        return api.POST("/api/v1/bulk/clear", { body, ...more });
      case "mark":
        return api.POST("/api/v1/bulk/mark", { body: { ...body, state }, ...more });
      case "cancel":
        return api.POST("/api/v1/bulk/cancel", { body: { ...body, mode }, ...more });
      case "delete":
        return api.POST("/api/v1/bulk/delete", { body, ...more });
    }
  };
  const preview = useQuery<BulkRuns, Problem>({
    queryKey: ["bulk", bulk, state, mode, chosen],
    queryFn: ({ signal }) => data<BulkRuns>(call({ dryRun: true }, signal)),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    meta: { about: [] },
    retry: false,
  });
  const act = useAct<string, BulkRuns>({
    call: (expect) => call({ expect }),
    done: (out) => `${count(out.items.filter((each) => each.problem === null).length, "run")} ${words.done}`,
    quiet: true,
  });

  if (told !== null) {
    return <Outcome told={told} title={words.title} done={words.done} onClose={onClose} />;
  }
  const possible = preview.data?.items.filter((each) => touches(bulk, each)) ?? [];
  const refused = preview.data?.items.filter((each) => each.problem !== null) ?? [];
  const untouched = (preview.data?.items.length ?? 0) - possible.length - refused.length;
  const along = alongWords(added(possible.map((each) => each.outcome?.along)));
  const token = preview.data?.token;
  return (
    <Confirm
      title={words.title}
      verb={possible.length === 0 ? words.verb : `${words.verb}: ${count(possible.length, "run")}`}
      danger={bulk === "cancel" || bulk === "delete"}
      size="large"
      onConfirm={() =>
        token !== undefined &&
        act.mutate(token, {
          onSuccess: (out) => {
            onDone();
            if (out.items.some((each) => each.problem !== null)) {
              setTold(out);
            } else {
              onClose();
            }
          },
          onError: (error) => {
            if (error.status === 409) {
              void preview.refetch();
            }
          },
        })
      }
      onClose={onClose}
      busy={act.isPending}
      disabled={possible.length === 0 || preview.isFetching}
    >
      <p className="muted">{words.says}</p>
      {bulk === "mark" && (
        <fieldset className="row runs-choice">
          <legend>Mark them as</legend>
          {STATES.map((each) => (
            <label key={each} className="row">
              <input type="radio" name="state" checked={state === each} onChange={() => setState(each)} /> {each}
            </label>
          ))}
        </fieldset>
      )}
      {bulk === "cancel" && (
        <fieldset className="stack runs-choice">
          <legend>How</legend>
          {MODES.map(([each, says]) => (
            <label key={each} className="row">
              <input type="radio" name="mode" checked={mode === each} onChange={() => setMode(each)} /> {says}
            </label>
          ))}
        </fieldset>
      )}
      <ProblemNote error={act.error ?? preview.error} />
      {act.error?.status === 409 && <p>Nothing was done. Below is the new list; confirm it again.</p>}
      {preview.isLoading && <Loading what="Working out what would be touched" />}
      {preview.data !== undefined && possible.length === 0 && <p>Nothing would be touched.</p>}
      {possible.length > 0 && (
        // A list that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className="runs-list" aria-label="Would be touched" tabIndex={0}>
          {possible.map((each) => (
            <li key={`${each.namespace}/${each.run}`}>
              <span className="cut runs-listed" title={`${each.namespace}/${each.run}`}>
                {each.namespace}/{each.run}
              </span>
              <span className="muted small">{touched(each)}</span>
            </li>
          ))}
        </ul>
      )}
      {bulk === "delete" && along !== "" && <p>With them go {along}.</p>}
      {untouched > 0 && <p className="muted small">{count(untouched, "run has", "runs have")} nothing that this would touch.</p>}
      <RefusedRuns items={refused} />
    </Confirm>
  );
}

/** What became of each, where it did not work for all. */
function Outcome({ told, title, done, onClose }: { told: BulkRuns; title: string; done: string; onClose: () => void }) {
  const refused = told.items.filter((each) => each.problem !== null);
  return (
    <Dialog
      title={title}
      size="large"
      onClose={onClose}
      footer={
        <button type="button" data-first-focus onClick={onClose}>
          Close
        </button>
      }
    >
      <p>
        {count(told.items.length - refused.length, "run")} {done}.
      </p>
      <RefusedRuns items={refused} />
    </Dialog>
  );
}

/** Whether anything would happen to the run. A clear that reaches no task does nothing. */
export function touches(bulk: Bulk, { outcome }: BulkRun): boolean {
  if (outcome === null) {
    return false;
  }
  const number = (outcome.cleared?.length ?? 0) + (outcome.marked?.length ?? 0);
  return bulk === "cancel" || bulk === "mark" || bulk === "delete" || number > 0;
}

function touched({ outcome }: BulkRun): string {
  const cleared = outcome?.cleared?.length ?? 0;
  const marked = outcome?.marked?.length ?? 0;
  const along = alongWords(outcome?.along);
  return [along !== "" && `with ${along}`, cleared > 0 && `${count(cleared, "task")} cleared`, marked > 0 && `${count(marked, "task")} marked`].filter(Boolean).join(", ");
}
