import { useState } from "react";
import { api } from "../api/client";
import { about, useAct, usePages, useRead } from "../api/hooks";
import type { Cancel, Done, TaskLine, TaskState } from "../api/schema";
import { count } from "../format";
import { Command } from "../parts/Command";
import { Confirm } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNote } from "../parts/Problem";
import { Affected } from "./Affected";
import "./actions.css";
import { cancelCommand } from "./commands";

export type CancelDialogProps = {
  ns: string;
  run: string;
  /** Tasks that the reader had chosen; a run ends as a whole, and the dialog says so. */
  tasks?: readonly string[];
  onClose: () => void;
};

const UNFINISHED: TaskState[] = ["Running", "Queued", "Scheduled", "UpForRetry", "Deferred"];
const MOST = 500;
const MODES: readonly (readonly [Cancel, string, string])[] = [
  ["graceful", "Gracefully", "Pods get their grace period, and teardowns run."],
  ["force", "By force", "Pods are killed at once, and no teardown runs."],
];

/** End a run before its time: which of its tasks that ends. */
export function CancelDialog({ ns, run, tasks = [], onClose }: CancelDialogProps) {
  const [mode, setMode] = useState<Cancel>("graceful");
  const path = { namespace: ns, run };
  const found = useRead({
    key: ["cancel", "run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
  });
  const open = usePages<TaskLine>({
    key: ["cancel", "tasks", ns, run],
    about: [about(["tasks"], path)],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks", {
        params: { path, query: { state: UNFINISHED, limit: MOST, cursor } },
        signal,
      }),
  });
  const act = useAct<Cancel, Done>({
    call: (asked) =>
      api.POST("/api/v1/namespaces/{namespace}/runs/{run}/cancel", { params: { path }, body: { mode: asked, dryRun: false } }),
    done: () => `Run ${run} is being cancelled ${mode === "force" ? "by force" : "gracefully"}`,
    quiet: true,
  });
  const state = found.data?.state;
  const hasEnded = state === "Success" || state === "Failed";
  const isSame = found.data?.cancel === mode || found.data?.cancel === "force";
  const unfinished = (open.items ?? []).map(nameOf);
  return (
    <Confirm
      title={`Cancel ${run}`}
      verb={mode === "force" ? "End the run by force" : "End the run"}
      danger
      onConfirm={() => act.mutate(mode, { onSuccess: onClose })}
      onClose={onClose}
      busy={act.isPending}
      disabled={state === undefined || hasEnded || isSame}
    >
      <p className="muted">The run ends as failed before its time. Clearing it later lets it go on.</p>
      {tasks.length > 0 && (
        <p className="note">
          This ends the whole run, not only {tasks.length === 1 ? tasks[0] : count(tasks.length, "task")}. To end tasks alone, mark them.
        </p>
      )}
      <div className="stack" role="radiogroup" aria-label="How">
        {MODES.map(([value, words, meaning]) => (
          <label key={value} className="menu-item">
            <input type="radio" name="mode" checked={mode === value} onChange={() => setMode(value)} />
            {words}: <span className="muted">{meaning}</span>
          </label>
        ))}
      </div>
      <ProblemNote error={found.error ?? open.problem ?? act.error} />
      {(found.isLoading || open.isLoading) && <Loading what="Looking at the run" />}
      {hasEnded && (
        <p className="note" role="status">
          <strong>There is nothing to cancel.</strong> The run has ended already.
        </p>
      )}
      {!hasEnded && isSame && (
        <p className="note" role="status">
          <strong>It is being cancelled already.</strong> {found.data?.cancel === "graceful" && "By force is still possible."}
        </p>
      )}
      {!hasEnded && unfinished.length > 0 && (
        <Affected title={`${count(unfinished.length, "task")}${open.hasMore ? " and more" : ""} would be ended`} instances={unfinished} />
      )}
      {!hasEnded && open.items?.length === 0 && (
        <p className="note">No task is at work: the run ends before any other starts.</p>
      )}
      <Command line={cancelCommand(ns, run, mode === "force")} />
    </Confirm>
  );
}

function nameOf({ task, index }: TaskLine): string {
  return index === null ? task : `${task}[${index}]`;
}
