import { useEffect } from "react";
import { Link } from "react-router";
import { yaml } from "../../../actions/yaml";
import { api } from "../../../api/client";
import { useRevision } from "../../../api/dag";
import { about, useRead } from "../../../api/hooks";
import type { Calendar } from "../../../api/schema";
import { count } from "../../../format";
import { Empty } from "../../../parts/Empty";
import { Loading } from "../../../parts/Loading";
import { ProblemNote } from "../../../parts/Problem";
import { State } from "../../../parts/State";
import { Table } from "../../../parts/Table";
import { Time } from "../../../parts/Time";
import { Said } from "../../../parts/Said";
import { scheduleWords } from "../../../schedule";
import { Facts } from "../panel/Facts";
import type { ViewProps } from "../view";
import { Source } from "./Source";
import { limitsOf, paramsOf, zoneOf, type Spec } from "./spec";
import "./details.css";

/** Everything else that there is to know of the Dag. */
export default function Details({ ns, dag, onFresh }: ViewProps) {
  const answer = useRevision(ns, dag.name, dag.revision);
  useEffect(() => onFresh(answer.dataUpdatedAt), [onFresh, answer.dataUpdatedAt]);
  const spec = answer.data?.spec as Spec | undefined;
  return (
    <>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} />
      <div className="details">
        <div className="stack">
          <section className="card stack">
            <h2>About</h2>
            <Facts
              facts={[
                ["Description", dag.description !== null && <Said key="description" text={dag.description} />],
                ["Owner", (dag.owner !== null && <Said key="owner" text={dag.owner} />) || <span key="owner" className="muted">nobody is named</span>],
                ["Tags", dag.tags.length > 0 && <Tags key="tags" ns={ns} tags={dag.tags} />],
                ["Tasks", dag.taskCount !== null && count(dag.taskCount, "task")],
                ["Active runs", <Link key="active" to={`/dags/${ns}/${dag.name}/runs?state=Queued&state=Running`}>{dag.activeRuns}</Link>],
                ["Version", dag.revision && <Link key="version" className="mono" to={`/dags/${ns}/${dag.name}/revisions`}>{dag.revision}</Link>],
                ["Created", <Time key="created" at={dag.createdAt} />],
                ["Deleted", dag.deletedAt && <Time key="deleted" at={dag.deletedAt} />],
              ]}
            />
          </section>
          <Conditions dag={dag} />
          <Schedule ns={ns} dag={dag} zone={zoneOf(spec)} />
          {spec !== undefined && <Limits spec={spec} />}
        </div>
        <div className="stack">
          {spec !== undefined && <Params spec={spec} />}
          <section className="card stack">
            <h2>Spec</h2>
            {answer.isLoading && <Loading />}
            {dag.revision === null && (
              <Empty title="No valid version">No version of this Dag has been valid so far. The Dag as it is: the command at the top of the page.</Empty>
            )}
            {spec !== undefined && <Source name={dag.name} text={yaml(spec)} />}
          </section>
        </div>
      </div>
    </>
  );
}

function Tags({ ns, tags }: { ns: string; tags: readonly string[] }) {
  return (
    <span className="row">
      {tags.map((tag) => (
        <Link key={tag} className="tag" to={`/dags?namespace=${ns}&tag=${encodeURIComponent(tag)}`}>
          <Said text={tag} />
        </Link>
      ))}
    </span>
  );
}

function Conditions({ dag }: Pick<ViewProps, "dag">) {
  const rows = [
    { type: "Ready", state: dag.ready === null ? "Pending" : dag.ready ? "Ready" : "NotReady", reason: dag.reason, message: dag.message },
    {
      type: "Paused",
      state: dag.paused ? "Paused" : "None",
      reason: null,
      message: dag.paused ? "It makes no runs and starts no tasks" : "It makes runs and starts tasks",
    },
  ];
  // oxlint-disable react/no-unstable-nested-components -- cells are drawn by plain functions
  return (
    <section className="card stack">
      <h2>Conditions</h2>
      <Table
        caption="Conditions"
        rows={rows}
        rowKey={(row) => row.type}
        columns={[
          { key: "type", title: "Type", width: "1%", cell: (row) => row.type },
          { key: "state", title: "State", width: "1%", cell: (row) => <State value={row.state} {...(row.state === "None" && { word: "not paused" })} /> },
          { key: "message", title: "Message", cell: (row) => <Said text={[row.reason, row.message].filter(Boolean).join(": ")} /> },
        ]}
      />
    </section>
  );
}

function Schedule({ ns, dag, zone }: Pick<ViewProps, "ns" | "dag"> & { zone: string }) {
  const answer = useRead<Calendar>({
    key: ["coming", ns, dag.name],
    about: [about(["dags"], { namespace: ns, dag: dag.name })],
    enabled: dag.schedule !== null,
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/calendar", {
        params: { path: { namespace: ns, dag: dag.name }, query: { after: new Date(Date.now() - 3_600_000).toISOString() } },
        signal,
      }),
  });
  const coming = answer.data?.coming ?? [];
  return (
    <section className="card stack">
      <h2>Schedule</h2>
      <Facts
        facts={[
          ["In words", dag.schedule === null ? "by hand alone" : scheduleWords(dag.schedule)],
          ["Clock", dag.schedule !== null && zone],
          ["As written", dag.schedule && <code key="line">{dag.schedule}</code>],
          ["Next run", dag.paused ? "none while the Dag is paused" : dag.nextRunAt && <Time key="next" at={dag.nextRunAt} />],
        ]}
      />
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} />
      {coming.length > 0 && (
        <>
          <h3>{dag.paused ? "Due next, if it were not paused" : "Due next"}</h3>
          <ol className="details-coming">
            {coming.map((at) => (
              <li key={at}>
                <Time at={at} /> <span className="muted small"><Time at={at} ago /></span>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Limits({ spec }: { spec: Spec }) {
  const limits = limitsOf(spec);
  return (
    <section className="card stack">
      <h2>Limits</h2>
      {limits.length === 0 ? <p className="muted">The Dag sets none of its own; those of the installation hold.</p> : <Facts facts={limits} />}
    </section>
  );
}

function Params({ spec }: { spec: Spec }) {
  const params = paramsOf(spec);
  return (
    <section className="card stack">
      <h2>Params</h2>
      {params.length === 0 ? (
        <p className="muted">Runs of this Dag take no values.</p>
      ) : (
        <Table
          caption="Params"
          rows={params}
          rowKey={(param) => param.name}
          columns={[
            { key: "name", title: "Name", cell: (param) => <code>{param.name}</code> },
            { key: "type", title: "Type", cell: (param) => param.type },
            { key: "default", title: "Default", cell: (param) => (param.byDefault === undefined ? <span className="muted">must be given</span> : <code><Said text={param.byDefault} /></code>) },
            { key: "about", title: "About", cell: (param) => <Said text={param.about} /> },
          ]}
        />
      )}
    </section>
  );
}
