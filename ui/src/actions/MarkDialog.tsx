import { useState } from "react";
import { api } from "../api/client";
import { about, useRead } from "../api/hooks";
import type { Done, MarkedState } from "../api/schema";
import { count } from "../format";
import { Command } from "../parts/Command";
import { Confirm } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNote } from "../parts/Problem";
import { State } from "../parts/State";
import { Affected, Changed } from "./Affected";
import "./actions.css";
import { markCommand, type Scope } from "./commands";
import { ScopeFields, sent } from "./ScopeFields";
import { touched, usePreview } from "./usePreview";

export type MarkDialogProps = {
  ns: string;
  run: string;
  /** Tasks, groups, or instances such as `load[3]`; none = the run as a whole. */
  tasks?: readonly string[];
  onClose: () => void;
};

const STATES: readonly (readonly [MarkedState, string])[] = [
  ["success", "Success"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
];
const FLAGS = [
  ["downstream", "also all behind"],
  ["upstream", "also all before"],
] as const;

/** Give tasks, or a run, an end state by hand: which ones exactly, and then just these. */
export function MarkDialog({ ns, run, tasks = [], onClose }: MarkDialogProps) {
  const [scope, setScope] = useState<Scope>({ tasks, upstream: false, downstream: false, onlyFailed: false });
  const [wanted, setWanted] = useState<MarkedState>("success");
  const path = { namespace: ns, run };
  const isWhole = scope.tasks.length === 0;
  // A run as a whole can't be skipped.
  const state = isWhole && wanted === "skipped" ? "success" : wanted;
  const preview = usePreview({
    key: ["mark", ns, run],
    asked: { ...sent(scope), state },
    call: (body, signal) =>
      api.POST("/api/v1/namespaces/{namespace}/runs/{run}/mark", {
        params: { path },
        body,
        ...(signal && { signal }),
      }),
    done: (done) => told(done, run, state, isWhole),
    onDone: onClose,
  });
  const found = useRead({
    key: ["mark", "run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
    enabled: isWhole,
  });
  const stands = isWhole && found.data?.state.toLowerCase() === state;
  const marked = preview.told?.marked ?? [];
  const cleared = preview.told?.cleared ?? [];
  const isNothing = preview.told !== undefined && (isWhole ? stands : touched(preview.told).length === 0);
  return (
    <Confirm
      title={isWhole ? `Mark ${run}` : `Mark tasks of ${run}`}
      verb={`Mark ${isWhole ? "the run" : count(marked.length, "task")} ${state}`}
      onConfirm={preview.confirm}
      onClose={onClose}
      busy={preview.isBusy}
      disabled={preview.told === undefined || isNothing || preview.isLoading}
    >
      <div className="row" role="radiogroup" aria-label="Mark as">
        <span className="muted">Mark as</span>
        {STATES.filter(([value]) => !isWhole || value !== "skipped").map(([value, look]) => (
          <label key={value} className="menu-item">
            <input type="radio" name="marked" checked={state === value} onChange={() => setWanted(value)} />
            <State value={look} />
          </label>
        ))}
      </div>
      <ScopeFields tasks={tasks} scope={scope} flags={FLAGS} onChange={setScope} />
      <Changed change={preview.change} />
      <ProblemNote error={preview.problem} />
      {preview.told === undefined && preview.isLoading && <Loading what="Working out which tasks" />}
      {isWhole && preview.told !== undefined && !stands && (
        <p className="note">
          The run ends as {state}: what is at work is ended and marked so, the rest of it is skipped. Tasks that have ended stay as they
          are.
        </p>
      )}
      {marked.length > 0 && <Affected title={`${count(marked.length, "task")} would be marked ${state}`} instances={marked} />}
      {cleared.length > 0 && (
        <Affected title={`${count(cleared.length, "task")} behind, failed for their sake, would be cleared`} instances={cleared} />
      )}
      {isNothing && (
        <p className="note" role="status">
          <strong>Nothing would be marked.</strong> {isWhole ? "The run stands" : "All of these tasks stand"} as {state} already.
        </p>
      )}
      <Command line={markCommand(ns, run, { ...scope, ...sent(scope) }, state)} />
    </Confirm>
  );
}

function told(done: Done, run: string, state: MarkedState, isWhole: boolean): string {
  if (isWhole) {
    return `Run ${run} marked ${state}`;
  }
  const cleared = done.cleared?.length ?? 0;
  const more = cleared > 0 ? `, ${cleared.toLocaleString("en")} behind cleared` : "";
  return `${count(done.marked?.length ?? 0, "task")} of ${run} marked ${state}${more}`;
}
