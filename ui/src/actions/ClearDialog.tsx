import { useState } from "react";
import { api } from "../api/client";
import { count } from "../format";
import { Command } from "../parts/Command";
import { Confirm } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNote } from "../parts/Problem";
import { Affected, Changed } from "./Affected";
import { AffectedRuns } from "./AffectedRuns";
import "./actions.css";
import { clearCommand, type Scope } from "./commands";
import { Pinned } from "./Pinned";
import { ALONE, butNot, isAlone, number, ofOne, reached, runsIn, touched } from "./range";
import { RangeFields } from "./RangeFields";
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

/** Let tasks of a run, and on request of those before or after it, begin anew: which ones exactly, and then just these. */
export function ClearDialog({ ns, run, tasks = [], onlyFailed = false, onClose }: ClearDialogProps) {
  const [scope, setScope] = useState<Scope>({ tasks, upstream: false, downstream: tasks.length > 0, onlyFailed });
  const [range, setRange] = useState(ALONE);
  const whole = sent(scope);
  const preview = usePreview({
    key: ["clear", ns, run, range],
    asked: { ...whole, onlyFailed: scope.onlyFailed },
    call: (body, signal) => {
      const more = signal && { signal };
      return isAlone(range)
        ? ofOne(api.POST("/api/v1/namespaces/{namespace}/runs/{run}/clear", { params: { path: { namespace: ns, run } }, body, ...more }))
        : api.POST("/api/v1/bulk/clear", { body: { ...body, beside: { namespace: ns, name: run, ...range } }, ...more });
    },
    done: (told) => {
      const cleared = number(told, "cleared");
      return `${count(cleared, "task")} of ${runsIn(told)} cleared: ${cleared === 1 ? "it begins" : "they begin"} anew${butNot(told)}`;
    },
    onDone: onClose,
  });
  const { told } = preview;
  const cleared = told === undefined ? 0 : number(told, "cleared");
  const of = told !== undefined && !isAlone(range) ? ` of ${count(reached(told).length, "run")}` : "";
  return (
    <Confirm
      title={`Clear tasks of ${run}`}
      verb={cleared === 0 ? "Clear" : `Clear ${count(cleared, "task")}${of}`}
      onConfirm={preview.confirm}
      onClose={onClose}
      busy={preview.isBusy}
      disabled={cleared === 0 || preview.isLoading}
    >
      <p className="muted">What is cleared begins anew; what runs is ended first. The account of earlier attempts is kept.</p>
      <ScopeFields tasks={tasks} scope={scope} flags={FLAGS} onChange={setScope} />
      <RangeFields range={range} onChange={setRange} />
      <Pinned ns={ns} run={run} />
      <Changed change={preview.change} />
      <ProblemNote error={preview.problem} />
      {told === undefined && preview.isLoading && <Loading what="Working out which tasks" />}
      {told !== undefined && cleared > 0 && isAlone(range) && (
        <Affected title={`${count(cleared, "task")} would be cleared`} instances={touched(told)} />
      )}
      {told !== undefined && !isAlone(range) && <AffectedRuns told={told} />}
      {told !== undefined && cleared === 0 && isAlone(range) && <NothingToClear onlyFailed={scope.onlyFailed} />}
      <Command line={clearCommand(ns, run, { ...scope, ...whole }, range)} />
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
