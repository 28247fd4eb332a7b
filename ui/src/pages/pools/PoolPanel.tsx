import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages, useRead } from "../../api/hooks";
import type { PoolLine, PoolTask } from "../../api/schema";
import { Loading } from "../../parts/Loading";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { instanceName } from "../task/place";
import { taskAddress } from "../task/WhyList";

type Props = { ns: string; name: string; edit: (pool: PoolLine) => void; close: () => void };

/** One pool: who holds its slots, and who waits, first in the queue first. */
export function PoolPanel({ ns, name, edit, close }: Props) {
  const path = { namespace: ns, pool: name };
  const pool = useRead<PoolLine>({
    key: ["pool", ns, name],
    about: [about(["pools", "tasks"], { namespace: ns })],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/pools/{pool}", { params: { path }, signal }),
  });
  const { data } = pool;
  return (
    <section className="card stack" aria-label={`Pool ${name}`}>
      <header className="row">
        <h2 className="cut" title={`${ns}/${name}`}>
          Pool {name}
        </h2>
        {data !== undefined && (
          <span className="muted">
            {data.used.toLocaleString("en")} of {data.slots < 0 ? "unlimited" : data.slots.toLocaleString("en")} slots used,{" "}
            {data.queued.toLocaleString("en")} waiting
          </span>
        )}
        {data !== undefined && !data.implied && (
          <button type="button" onClick={() => edit(data)}>
            Edit slots
          </button>
        )}
        <button type="button" className="plain pools-close" onClick={close}>
          Close
        </button>
      </header>
      <ProblemNote error={pool.error} retry={() => void pool.refetch()} keepsData={data !== undefined} />
      {data !== undefined && (
        <div className="pools-sides">
          <Side {...{ ns, name }} holding title="Holds slots" empty="Nobody holds a slot." />
          <Side {...{ ns, name }} holding={false} title="Waits to begin, the next first" empty="Nobody waits." />
        </div>
      )}
      {pool.error?.status === 404 && <Side {...{ ns, name }} holding={false} title="Waits for it all the same" empty="Nobody waits for it." />}
    </section>
  );
}

function Side({ ns, name, holding, title, empty }: { ns: string; name: string; holding: boolean; title: string; empty: string }) {
  const path = { namespace: ns, pool: name };
  const tasks = usePages<PoolTask>({
    key: ["pool-tasks", ns, name, holding],
    about: [about(["tasks"], { namespace: ns })],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/pools/{pool}/tasks", { params: { path, query: { holding, cursor } }, signal }),
  });
  // Neither the pool nor anybody who waits for it.
  const isNone = tasks.problem?.status === 404;
  return (
    <div className="stack">
      <h3>{title}</h3>
      {!isNone && <ProblemNote error={tasks.problem} retry={tasks.refetch} keepsData={tasks.items !== undefined} />}
      {tasks.isLoading && <Loading what="Loading the tasks" />}
      {(isNone || tasks.items?.length === 0) && <p className="muted">{empty}</p>}
      {tasks.items !== undefined && tasks.items.length > 0 && (
        <>
          <Table
            caption={title}
            columns={columnsOf(ns, holding, tasks.items)}
            rows={tasks.items}
            rowKey={(task) => `${task.run} ${task.task} ${task.index}`}
          />
          <Pager pages={tasks} one="task" />
        </>
      )}
    </div>
  );
}

function columnsOf(ns: string, holding: boolean, items: readonly PoolTask[]): readonly Column<PoolTask>[] {
  const places = new Map(items.map((task, place) => [task, place + 1]));
  const place: Column<PoolTask> = { key: "place", title: "#", right: true, width: "1%", cell: (task) => places.get(task) };
  const waits: Column<PoolTask> = {
    key: "waits",
    title: "Waits for",
    cell: (task) => {
      const text = task.waitingFor.map((wait) => wait.message).join(" · ");
      return text === "" ? <span className="muted">–</span> : <span className="cut pools-description" title={text}>{text}</span>;
    },
  };
  return [
    ...(holding ? [] : [place]),
    { key: "state", title: "State", width: "1%", cell: (task) => <State value={task.state} /> },
    {
      key: "task",
      title: "Task",
      cell: (task) => {
        const name = instanceName(task.task, task.index);
        return (
          <span className="pools-task">
            <Link to={taskAddress(ns, task.run, name)} className="cut" title={name}>
              {name}
            </Link>
            <Link to={`/runs/${ns}/${encodeURIComponent(task.run)}`} className="cut small" title={task.run}>
              {task.run}
            </Link>
          </span>
        );
      },
    },
    { key: "slots", title: "Slots", right: true, width: "1%", cell: (task) => task.slots },
    { key: "priority", title: "Priority", right: true, width: "1%", cell: (task) => task.priority },
    { key: "since", title: "Since", width: "1%", cell: (task) => <span className="pools-since"><Time at={task.since} ago /></span> },
    ...(holding ? [] : [waits]),
  ];
}
