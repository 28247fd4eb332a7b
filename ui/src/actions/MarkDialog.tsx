import { useState } from "react";
import { api } from "../api/client";
import { about, useRead } from "../api/hooks";
import type { MarkedState } from "../api/schema";
import { count } from "../format";
import { Command } from "../parts/Command";
import { Confirm } from "../parts/Dialog";
import { Loading } from "../parts/Loading";
import { ProblemNote } from "../parts/Problem";
import { State } from "../parts/State";
import { Affected, Changed } from "./Affected";
import { AffectedRuns } from "./AffectedRuns";
import "./actions.css";
import { markCommand, type Scope } from "./commands";
import { ALONE, butNot, isAlone, number, ofOne, reached, runsIn, type Told } from "./range";
import { RangeFields } from "./RangeFields";
import { ScopeFields, sent } from "./ScopeFields";
import { usePreview } from "./usePreview";

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

/** Give tasks, or runs, an end state by hand: which ones exactly, and then just these. */
export function MarkDialog({ ns, run, tasks = [], onClose }: MarkDialogProps) {
  const [scope, setScope] = useState<Scope>({ tasks, upstream: false, downstream: false, onlyFailed: false });
  const [range, setRange] = useState(ALONE);
  const [wanted, setWanted] = useState<MarkedState>("success");
  const path = { namespace: ns, run };
  const isWhole = scope.tasks.length === 0;
  // A run as a whole can't be skipped.
  const state = isWhole && wanted === "skipped" ? "success" : wanted;
  const preview = usePreview({
    key: ["mark", ns, run, range],
    asked: { ...sent(scope), state },
    call: (body, signal) => {
      const more = signal && { signal };
      return isAlone(range)
        ? ofOne(api.POST("/api/v1/namespaces/{namespace}/runs/{run}/mark", { params: { path }, body, ...more }))
        : api.POST("/api/v1/bulk/mark", { body: { ...body, beside: { namespace: ns, name: run, ...range } }, ...more });
    },
    done: (told) => said(told, state, isWhole),
    onDone: onClose,
  });
  const found = useRead({
    key: ["actions", "run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
    enabled: isWhole,
  });
  const { told } = preview;
  const stands = isAlone(range) && isWhole && found.data?.state.toLowerCase() === state;
  const isNothing = told !== undefined && (stands || reached(told, isWhole).length === 0);
  return (
    <Confirm
      title={isWhole ? `Mark ${run}` : `Mark tasks of ${run}`}
      verb={`Mark ${told === undefined ? "" : whatIn(told, isWhole, isAlone(range))} ${state}`}
      onConfirm={preview.confirm}
      onClose={onClose}
      busy={preview.isBusy}
      disabled={told === undefined || isNothing || preview.isLoading}
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
      <RangeFields range={range} onChange={setRange} />
      <Changed change={preview.change} />
      <ProblemNote error={preview.problem} />
      {told === undefined && preview.isLoading && <Loading what="Working out which tasks" />}
      {isWhole && told !== undefined && !isNothing && (
        <p className="note">
          {isAlone(range) ? "The run ends" : "The runs end"} as {state}: what is at work is ended and marked so, the rest is skipped. Tasks
          that have ended stay as they are.
        </p>
      )}
      {told !== undefined && (isAlone(range) ? <OfOne told={told} state={state} /> : <AffectedRuns told={told} whole={isWhole} />)}
      {isNothing && isAlone(range) && (
        <p className="note" role="status">
          <strong>Nothing would be marked.</strong> {isWhole ? "The run stands" : "All of these tasks stand"} as {state} already.
        </p>
      )}
      <Command line={markCommand(ns, run, { ...scope, ...sent(scope) }, state, range)} />
    </Confirm>
  );
}

function OfOne({ told, state }: { told: Told; state: MarkedState }) {
  const { marked = [], cleared = [] } = told.items[0]?.outcome ?? {};
  return (
    <>
      {marked.length > 0 && <Affected title={`${count(marked.length, "task")} would be marked ${state}`} instances={marked} />}
      {cleared.length > 0 && (
        <Affected title={`${count(cleared.length, "task")} behind, failed for their sake, would be cleared`} instances={cleared} />
      )}
    </>
  );
}

/** `the run`, `3 runs`, `1 task`, `7 tasks of 2 runs`. */
function whatIn(told: Told, isWhole: boolean, alone: boolean): string {
  const runs = count(reached(told, isWhole).length, "run");
  if (isWhole) {
    return alone ? "the run" : runs;
  }
  return `${count(number(told, "marked"), "task")}${alone ? "" : ` of ${runs}`}`;
}

function said(told: Told, state: MarkedState, isWhole: boolean): string {
  const runs = runsIn(told, isWhole);
  if (isWhole) {
    return `${reached(told, true).length === 1 ? "Run " : ""}${runs} marked ${state}${butNot(told)}`;
  }
  const cleared = number(told, "cleared");
  const more = cleared > 0 ? `, ${cleared.toLocaleString("en")} behind cleared` : "";
  return `${count(number(told, "marked"), "task")} of ${runs} marked ${state}${more}${butNot(told)}`;
}
