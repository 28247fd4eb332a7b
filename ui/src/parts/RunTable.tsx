/** A list of runs: that of all Dags, and that of one. */
import { useMemo } from "react";
import { Link } from "react-router";
import type { RunLine } from "../api/schema";
import { words } from "../format";
import { Duration } from "./Duration";
import { Said } from "./Said";
import { lookOf, State } from "./State";
import { Table, type Column, type Selection } from "./Table";
import { Time } from "./Time";
import "./runtable.css";

export type RunTableProps = {
  runs: readonly RunLine[];
  caption?: string;
  /** Columns that one Dag's own list leaves out; both are shown by default. */
  withNamespace?: boolean;
  withDag?: boolean;
  /** Checkboxes; a row's key is that of `keyOfRun`. */
  selection?: Selection | undefined;
  /** The key of the run that is open in a side panel. */
  current?: string | undefined;
};

export function keyOfRun(run: { namespace: string; name: string }): string {
  return `${run.namespace}/${run.name}`;
}

export function RunTable({ runs, caption = "Runs", withNamespace = true, withDag = true, selection, current }: RunTableProps) {
  const columns = useMemo(() => columnsOf(withNamespace, withDag), [withNamespace, withDag]);
  return (
    <Table {...{ caption, columns, selection, current }} rows={runs} rowKey={keyOfRun} rowLabel={(run) => `${run.name} of ${run.dag}`} />
  );
}

function columnsOf(withNamespace: boolean, withDag: boolean): readonly Column<RunLine>[] {
  const namespace: Column<RunLine> = { key: "namespace", title: "Namespace", cell: (run) => <Name name={run.namespace} /> };
  const dag: Column<RunLine> = {
    key: "dag",
    title: "Dag",
    cell: (run) => (
      <Link to={`/dags/${run.namespace}/${run.dag}/grid`} className="cut runtable-name" title={run.dag}>
        {run.dag}
      </Link>
    ),
  };
  return [
    { key: "state", title: "State", width: "1%", cell: (run) => <RunStateOf run={run} /> },
    ...(withNamespace ? [namespace] : []),
    ...(withDag ? [dag] : []),
    { key: "run", title: "Run", cell: (run) => <RunName run={run} /> },
    { key: "type", title: "Type", width: "1%", cell: (run) => <span className="runtable-time">{words(run.runType)}</span> },
    { key: "logical", title: "Logical date", width: "1%", cell: (run) => <At at={run.logicalDate} /> },
    { key: "start", title: "Start", width: "1%", cell: (run) => <At at={run.startedAt} /> },
    { key: "duration", title: "Duration", right: true, width: "1%", cell: (run) => <Took run={run} /> },
    { key: "tasks", title: "Tasks", width: "1%", cell: (run) => <TaskCounts run={run} /> },
    { key: "revision", title: "Revision", width: "1%", cell: (run) => <Revision run={run} /> },
    { key: "creator", title: "By", cell: (run) => <Name name={run.createdBy} /> },
    { key: "note", title: "Note", cell: (run) => <Name name={run.note} /> },
  ];
}

/** The run's state, and what is special about it: paused, ending, deleted. */
export function RunStateOf({ run }: { run: Pick<RunLine, "state" | "reason" | "message" | "paused" | "cancel" | "deletedAt"> }) {
  const isOver = run.state === "Success" || run.state === "Failed";
  return (
    <span className="runtable-state">
      <State value={run.state} title={run.message ?? run.reason ?? undefined} />
      {run.paused && !isOver && <State value="Paused" />}
      {run.cancel !== null && !isOver && <span className="tag">cancelling</span>}
      {run.deletedAt !== null && (
        <span className="tag" title={`Deleted ${run.deletedAt}: what is kept of it stays readable`}>
          deleted
        </span>
      )}
    </span>
  );
}

function RunName({ run }: { run: RunLine }) {
  return (
    <Link to={`/runs/${run.namespace}/${run.name}`} className="cut runtable-run" title={run.runId ?? run.name}>
      {run.name}
    </Link>
  );
}

function Name({ name }: { name: string | null }) {
  if (name === null || name === "") {
    return <span className="muted">–</span>;
  }
  return (
    <span className="cut runtable-name" title={name}>
      <Said text={name} />
    </span>
  );
}

function At({ at }: { at: string | null }) {
  return (
    <span className="runtable-time">
      <Time at={at} />
    </span>
  );
}

function Took({ run }: { run: RunLine }) {
  return (
    <span className="runtable-time">
      <Duration from={run.startedAt} to={run.finishedAt} />
    </span>
  );
}

function Revision({ run }: { run: RunLine }) {
  if (run.revision === null) {
    return <span className="muted">–</span>;
  }
  const to = `/dags/${run.namespace}/${run.dag}/revisions?revision=${encodeURIComponent(run.revision)}`;
  return (
    <Link to={to} className="mono cut runtable-revision" title={run.revision}>
      {run.revision.split("-").at(-1)}
    </Link>
  );
}

const BAR_ORDER = ["Success", "Running", "Deferred", "UpForRetry", "Queued", "Scheduled", "Skipped", "Removed", "UpstreamFailed", "Failed"];

/** How the run's tasks stand: a small bar, its numbers in the title and for screen readers. */
export function TaskCounts({ run }: { run: Pick<RunLine, "counts" | "progress"> }) {
  const counted = Object.entries(run.counts)
    .filter(([, number]) => number > 0)
    .toSorted(([one], [other]) => BAR_ORDER.indexOf(one) - BAR_ORDER.indexOf(other));
  if (counted.length === 0) {
    return <span className="muted">{run.progress ?? "–"}</span>;
  }
  const told = counted.map(([state, number]) => `${number.toLocaleString("en")} ${lookOf(state).word}`).join(", ");
  return (
    <span className="runtable-counts" title={told}>
      <span className="runtable-bar" aria-hidden="true">
        {counted.map(([state, number]) => (
          <span key={state} data-family={lookOf(state).family} style={{ flexGrow: number }} />
        ))}
      </span>
      <span aria-hidden="true">{run.progress}</span>
      <span className="hidden-visually">{told}</span>
    </span>
  );
}
