import { useState } from "react";
import { Link, useParams } from "react-router";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { RunDetail } from "../../api/schema";
import { count, shellWord, words } from "../../format";
import { useShortcut } from "../../keys";
import { Duration } from "../../parts/Duration";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { RunStateOf, TaskCounts } from "../../parts/RunTable";
import { Tabs } from "../../parts/Tabs";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { Fact, Facts } from "../task/Facts";
import { useWhy } from "../task/useWhy";
import { taskAddress, WhyList } from "../task/WhyList";
import { RunActions } from "./RunActions";
import { Details } from "./Details";
import { Note } from "./Note";
import { Requests } from "./Requests";
import { RunDialog, type Asked } from "./RunDialog";
import { Tasks } from "./Tasks";
import { Told } from "./Told";
import "../task/task.css";
import "./run.css";

const VIEWS = ["tasks", "details", "requests", "why"] as const;
type View = (typeof VIEWS)[number];

/** One run: how it stands, what failed, its tasks, what was asked of it, and what it waits for. */
export default function Run() {
  const { ns = "", run = "", view: asView } = useParams();
  const view: View = VIEWS.find((each) => each === asView) ?? "tasks";
  const path = { namespace: ns, run };
  const found = useRead<RunDetail>({
    key: ["run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
  });
  const { data } = found;
  const [asked, setAsked] = useState<Asked | null>(null);
  const canAct = data !== undefined && data.deletedAt === null;
  useShortcut("c", "Clear tasks of this run", () => setAsked("clear"), canAct);
  useShortcut("m", "Mark this run", () => setAsked("mark"), canAct);
  const here = `/runs/${encodeURIComponent(ns)}/${encodeURIComponent(run)}`;

  return (
    <Page
      title={run}
      beside={data !== undefined && <RunStateOf run={data} />}
      crumbs={[
        { label: ns, to: `/runs?namespace=${encodeURIComponent(ns)}` },
        ...(data === undefined ? [] : [{ label: data.dag, to: `/dags/${ns}/${data.dag}/grid?run=${encodeURIComponent(run)}` }]),
      ]}
      updatedAt={found.dataUpdatedAt}
      command={view === "why" ? `slipway why -n ${shellWord(ns)} ${shellWord(run)}` : `kubectl -n ${shellWord(ns)} get dagruns.slipway.dev ${shellWord(run)} -o yaml`}
      actions={data !== undefined && <RunActions run={data} ask={setAsked} />}
    >
      <ProblemNote error={found.error} retry={() => void found.refetch()} keepsData={data !== undefined} />
      {found.error?.status === 404 && (
        <p>
          Go on with the <Link to={`/runs?namespace=${encodeURIComponent(ns)}`}>runs of {ns}</Link> or the <Link to="/runs">runs everywhere</Link>.
        </p>
      )}
      {found.isLoading && <Loading what="Loading the run" />}
      {data !== undefined && (
        <>
          <Summary run={data} />
          <Failed run={data} />
          <Tabs
            label="Views of the run"
            tabs={[
              { to: asView === undefined ? here : `${here}/tasks`, label: "Tasks" },
              { to: `${here}/details`, label: "Details" },
              { to: `${here}/requests`, label: "Requests" },
              { to: `${here}/why`, label: data.state === "Queued" ? "Why does it wait?" : "Why is it not done?" },
            ]}
          />
          {view === "tasks" && <Tasks run={data} />}
          {view === "details" && <Details run={data} />}
          {view === "requests" && <Requests run={data} />}
          {view === "why" && <WhyTab ns={ns} run={run} />}
        </>
      )}
      {asked !== null && <RunDialog asked={asked} ns={ns} run={run} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function Summary({ run }: { run: RunDetail }) {
  const graph = `/dags/${run.namespace}/${run.dag}/graph?run=${encodeURIComponent(run.name)}`;
  return (
    <>
      {run.deletedAt !== null && (
        <p className="task-gone" role="status">
          {run.deletedBy === "Retention" ? "The time of this run was over: it was removed" : "This run was deleted"} at{" "}
          <Time at={run.deletedAt} />. What is kept of it stays to be read; nothing can be done to it any more.
        </p>
      )}
      <Facts>
        <Fact name="Type">{words(run.runType)}</Fact>
        <Fact name="Triggered by">{run.createdBy !== null && <Said text={run.createdBy} />}</Fact>
        <Fact name="Logical date">{run.logicalDate !== null && <Time at={run.logicalDate} />}</Fact>
        <Fact name="Interval">
          {run.intervalStart !== null && (
            <>
              <Time at={run.intervalStart} /> – <Time at={run.intervalEnd} />
            </>
          )}
        </Fact>
        <Fact name="Started">{run.startedAt !== null && <Time at={run.startedAt} />}</Fact>
        <Fact name="Ended">{run.finishedAt !== null && <Time at={run.finishedAt} />}</Fact>
        <Fact name="Duration">{run.startedAt !== null && <Duration from={run.startedAt} to={run.finishedAt} />}</Fact>
        <Fact name="Tasks"><TaskCounts run={run} /></Fact>
        <Fact name="See it in">
          <span className="row">
            <Link to={graph}>graph</Link>
            <Link to={graph.replace("/graph?", "/grid?")}>grid</Link>
            <Link to={graph.replace("/graph?", "/gantt?")}>gantt</Link>
          </span>
        </Fact>
      </Facts>
      {run.message !== null && (
        <p className="task-message">
          {run.reason !== null && <strong>{run.reason}: </strong>}
          <Said text={run.message} />
        </p>
      )}
      {run.waitingFor.length > 0 && (
        <p className="task-message">
          Waits: <Said text={run.waitingFor.map((wait) => wait.message).join(" · ")} />{" "}
          <Link to={`/runs/${run.namespace}/${encodeURIComponent(run.name)}/why`}>Why does it wait?</Link>
        </p>
      )}
      <Told run={run} />
      <Note run={run} />
    </>
  );
}

/** What failed, before everything else. */
function Failed({ run }: { run: RunDetail }) {
  if (run.failedTasks.length === 0) {
    return null;
  }
  const number = run.counts["Failed"] ?? run.failedTasks.length;
  return (
    <section className="run-failed" aria-label="Failed tasks">
      <strong>{count(number, "task")} failed:</strong>
      {run.failedTasks.map((task) => (
        <Link key={task} to={taskAddress(run.namespace, run.name, task)} className="cut run-failed-task" title={task}>
          {task}
        </Link>
      ))}
      {number > run.failedTasks.length && (
        <Link to={`/runs/${run.namespace}/${encodeURIComponent(run.name)}/tasks?state=Failed`}>all of them</Link>
      )}
    </section>
  );
}


function WhyTab({ ns, run }: { ns: string; run: string }) {
  const why = useWhy({ ns, run });
  return (
    <>
      <ProblemNote error={why.error} retry={() => void why.refetch()} keepsData={why.data !== undefined} />
      {why.isLoading && <Loading what="Looking for reasons" />}
      {why.data !== undefined && <WhyList why={why.data} {...{ ns, run }} />}
    </>
  );
}
