import { useState } from "react";
import { api } from "../api/client";
import { count } from "../format";
import { Command } from "../parts/Command";
import { Confirm } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNote } from "../parts/Problem";
import { Affected, Changed } from "./Affected";
import "./actions.css";
import { clearCommand, type Scope } from "./commands";
import { ScopeFields, sent } from "./ScopeFields";
import { usePreview } from "./usePreview";

export type ClearDialogProps = {
  ns: string;
  run: string;
  /** Tasks, groups, or instances such as `load[3]`; none = the whole run. */
  tasks?: readonly string[];
  /** Begin with "only what failed" ticked, as to retry a run. */
  onlyFailed?: boolean;
  onClose: () => void;
};

const FLAGS = [
  ["downstream", "also all behind"],
  ["upstream", "also all before"],
  ["onlyFailed", "only what failed"],
] as const;

/** Let tasks of a run begin anew: which ones exactly, and then just these. */
export function ClearDialog({ ns, run, tasks = [], onlyFailed = false, onClose }: ClearDialogProps) {
  const [scope, setScope] = useState<Scope>({ tasks, upstream: false, downstream: tasks.length > 0, onlyFailed });
  const whole = sent(scope);
  const preview = usePreview({
    key: ["clear", ns, run],
    asked: { ...whole, onlyFailed: scope.onlyFailed },
    call: (body, signal) =>
      api.POST("/api/v1/namespaces/{namespace}/runs/{run}/clear", {
        params: { path: { namespace: ns, run } },
        body,
        ...(signal && { signal }),
      }),
    done: (done) => `${count(done.cleared?.length ?? 0, "task")} of ${run} cleared: ${done.cleared?.length === 1 ? "it begins" : "they begin"} anew`,
    onDone: onClose,
  });
  const cleared = preview.told?.cleared ?? [];
  return (
    <Confirm
      title={`Clear tasks of ${run}`}
      verb={cleared.length === 0 ? "Clear" : `Clear ${count(cleared.length, "task")}`}
      onConfirm={preview.confirm}
      onClose={onClose}
      busy={preview.isBusy}
      disabled={cleared.length === 0 || preview.isLoading}
    >
      <p className="muted">What is cleared begins anew; what runs is ended first. The account of earlier attempts is kept.</p>
      <ScopeFields tasks={tasks} scope={scope} flags={FLAGS} onChange={setScope} />
      <Changed change={preview.change} />
      <ProblemNote error={preview.problem} />
      {preview.told === undefined && preview.isLoading && <Loading what="Working out which tasks" />}
      {preview.told !== undefined && cleared.length > 0 && (
        <Affected title={`${count(cleared.length, "task")} would be cleared`} instances={cleared} />
      )}
      {preview.told !== undefined && cleared.length === 0 && <NothingToClear onlyFailed={scope.onlyFailed} />}
      <Command line={clearCommand(ns, run, { ...scope, ...whole })} />
    </Confirm>
  );
}

function NothingToClear({ onlyFailed }: { onlyFailed: boolean }) {
  return (
    <p className="note" role="status">
      <strong>Nothing would be cleared.</strong>{" "}
      {onlyFailed
        ? "None of these tasks has failed. Take “only what failed” away to clear them all the same."
        : "None of these tasks has begun yet: they start by themselves when their turn comes."}
    </p>
  );
}
