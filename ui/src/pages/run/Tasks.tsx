import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { RunDetail, TaskLine, TaskState } from "../../api/schema";
import { Duration } from "../../parts/Duration";
import { Empty } from "../../parts/Empty";
import { FilterBar, StateFilter, TextFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { instanceName } from "../task/place";
import { taskAddress } from "../task/WhyList";

const SHAPE = { state: "many", task: "text" } as const;
const STATES: readonly TaskState[] = ["Failed", "UpstreamFailed", "UpForRetry", "Running", "Deferred", "Queued", "Scheduled", "Success", "Skipped", "Removed"];
const AT_ONCE = 100;

/** The run's tasks that have begun to exist, by state and name. */
export function Tasks({ run }: { run: RunDetail }) {
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const query = { state: STATES.filter((state) => values.state.includes(state)), task: values.task, limit: AT_ONCE };
  const path = { namespace: run.namespace, run: run.name };
  const tasks = usePages<TaskLine>({
    key: ["tasks", run.uid, query],
    about: [about(["tasks"], path)],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks", { params: { path, query: { ...query, cursor } }, signal }),
  });
  const there = STATES.filter((state) => (run.counts[state] ?? 0) > 0 || values.state.includes(state));
  return (
    <>
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <StateFilter values={values.state} states={there} onChange={(state) => set({ state })} />
        <TextFilter label="Task, whole name" value={values.task} onChange={(task) => set({ task }, { replace: true })} />
      </FilterBar>
      <ProblemNote error={tasks.problem} retry={tasks.refetch} keepsData={tasks.items !== undefined} />
      {tasks.isLoading && <Loading what="Loading the tasks" />}
      {tasks.items?.length === 0 && (
        <Empty title="No tasks" clear={filters.isActive ? filters.clear : undefined}>
          <p>None of its tasks has begun to exist.</p>
          <Link to={`/runs/${run.namespace}/${encodeURIComponent(run.name)}/why`}>Why does it wait?</Link>
        </Empty>
      )}
      {tasks.items !== undefined && tasks.items.length > 0 && (
        <>
          <Table caption="Tasks of the run" columns={columnsOf(run)} rows={tasks.items} rowKey={(task) => `${task.task} ${task.index}`} />
          <Pager pages={tasks} one="task" />
        </>
      )}
    </>
  );
}

function columnsOf(run: RunDetail): readonly Column<TaskLine>[] {
  const to = (task: TaskLine) => taskAddress(run.namespace, run.name, instanceName(task.task, task.index));
  return [
    { key: "state", title: "State", width: "1%", cell: (task) => <State value={task.state} title={task.message ?? undefined} /> },
    {
      key: "task",
      title: "Task",
      cell: (task) => (
        <Link to={to(task)} className="cut run-task" title={instanceName(task.task, task.index)}>
          {instanceName(task.task, task.index)}
        </Link>
      ),
    },
    { key: "try", title: "Try", right: true, width: "1%", cell: (task) => (task.attempt === 0 ? <Nothing /> : task.attempt) },
    { key: "start", title: "Start", width: "1%", cell: (task) => <span className="task-time"><Time at={task.startedAt} /></span> },
    { key: "duration", title: "Duration", right: true, width: "1%", cell: (task) => <Duration from={task.startedAt} to={task.finishedAt} /> },
    { key: "reason", title: "Reason", cell: (task) => <Reason task={task} /> },
    { key: "exit", title: "Exit code", right: true, width: "1%", cell: (task) => task.exitCode ?? <Nothing /> },
    { key: "pool", title: "Pool", cell: (task) => task.pool ?? <Nothing /> },
    { key: "node", title: "Node", cell: (task) => (task.node === null ? <Nothing /> : <span className="cut task-name" title={task.node}>{task.node}</span>) },
    {
      key: "log",
      title: "Log",
      width: "1%",
      cell: (task) =>
        task.attempt === 0 ? (
          <Nothing />
        ) : (
          <Link to={`${to(task)}${task.index === null ? "?" : "&"}tab=log`} aria-label={`Log of ${instanceName(task.task, task.index)}`}>
            Log
          </Link>
        ),
    },
  ];
}

function Reason({ task }: { task: TaskLine }) {
  const waits = task.waitingFor.map((wait) => wait.message).join(" · ");
  const text = waits || [task.reason, task.message].filter(Boolean).join(": ");
  return text === "" ? (
    <Nothing />
  ) : (
    <span className="cut run-reason" title={text}>
      <Said text={text} />
    </span>
  );
}

function Nothing() {
  return <span className="muted">–</span>;
}
