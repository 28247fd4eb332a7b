import { lazy, Suspense, useState, type ComponentType } from "react";
import { Link, useParams } from "react-router";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { DagLine } from "../../api/schema";
import { shellWord } from "../../format";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { Tabs } from "../../parts/Tabs";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import NotFound from "../notfound";
import { DagActions } from "./DagActions";
import Grid from "./grid";
import { VIEWS, type ViewProps } from "./view";
import { ViewKeys } from "./ViewKeys";
import "./dag.css";

/** The grid comes with the page, as most visits are for it. */
const SHOWN: Readonly<Record<string, ComponentType<ViewProps>>> = {
  grid: Grid,
  graph: lazy(() => import("./graph")),
  gantt: lazy(() => import("./gantt")),
  calendar: lazy(() => import("./calendar")),
  runs: lazy(() => import("./runs")),
  revisions: lazy(() => import("./revisions")),
  details: lazy(() => import("./details")),
};
const COMMANDS: Readonly<Record<string, (ns: string, dag: string) => string>> = {
  runs: (ns, dag) => `kubectl -n ${ns} get dagruns -l slipway.dev/dag=${dag}`,
  grid: (ns, dag) => `kubectl -n ${ns} get taskruns.slipway.dev -l slipway.dev/dag=${dag}`,
  gantt: (ns, dag) => `kubectl -n ${ns} get taskruns.slipway.dev -l slipway.dev/dag=${dag} -o wide`,
  calendar: (ns, dag) => `kubectl -n ${ns} get dagruns -l slipway.dev/dag=${dag}`,
  revisions: (ns, dag) => `kubectl -n ${ns} get controllerrevisions -l slipway.dev/dag=${dag}`,
};

/** One Dag, in the view that the address names. */
export default function Dag() {
  const { ns = "", dag: name = "", view = "grid" } = useParams();
  const Shown = Object.hasOwn(SHOWN, view) ? SHOWN[view] : undefined;
  const [updatedAt, setUpdatedAt] = useState(0);
  const answer = useRead<DagLine>({
    key: ["dag", ns, name],
    about: [about(["dags"], { namespace: ns, dag: name })],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}", { params: { path: { namespace: ns, dag: name }, query: { runs: 1 } }, signal }),
    enabled: Shown !== undefined,
  });
  if (Shown === undefined) {
    return <NotFound />;
  }
  const dag = answer.data;
  const words = [shellWord(ns), shellWord(name)] as const;
  return (
    <Page
      title={name}
      crumbs={[
        { label: "Dags", to: "/dags" },
        { label: ns, to: `/dags?namespace=${encodeURIComponent(ns)}` },
      ]}
      beside={dag && <Standing dag={dag} />}
      actions={dag && <DagActions ns={ns} dag={dag} />}
      updatedAt={Math.max(answer.dataUpdatedAt, updatedAt)}
      command={COMMANDS[view]?.(...words) ?? `kubectl -n ${words[0]} get dag ${words[1]} -o yaml`}
    >
      <ViewKeys ns={ns} dag={name} />
      <Tabs label="Views of the Dag" tabs={VIEWS.map(([key, label]) => ({ to: `/dags/${ns}/${name}/${key}`, label }))} />
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} keepsData={dag !== undefined} />
      {answer.error?.status === 404 && (
        <p>
          Go on with the <Link to={`/dags?namespace=${encodeURIComponent(ns)}`}>Dags of {ns}</Link> or the <Link to="/dags">Dags everywhere</Link>.
        </p>
      )}
      {answer.isLoading && <Loading what="Loading the Dag" />}
      {dag !== undefined && (
        <>
          <Trouble dag={dag} />
          <Suspense fallback={<Loading />}>
            <Shown key={`${ns}/${name}`} ns={ns} dag={dag} onFresh={setUpdatedAt} />
          </Suspense>
        </>
      )}
    </Page>
  );
}

/** What is special about the Dag, else how its last run stands. */
function Standing({ dag }: { dag: DagLine }) {
  return (
    <span className="row">
      {dag.deletedAt !== null && <span className="tag">deleted</span>}
      {dag.ready === false && <State value="NotReady" badge />}
      {dag.paused && <State value="Paused" badge />}
      {dag.ready !== false && dag.lastState !== null && <State value={dag.lastState} badge title={`The last run, ${dag.lastRun}`} />}
    </span>
  );
}

/** Why the Dag makes no runs, if it is gone or at fault. */
function Trouble({ dag }: { dag: DagLine }) {
  if (dag.deletedAt !== null) {
    return (
      <div className="banner dag-banner" role="status">
        This Dag was deleted; it was seen to be gone at <Time at={dag.deletedAt} />. Its history stays readable.
      </div>
    );
  }
  if (dag.ready === false) {
    return (
      <div className="problem" role="alert">
        <p className="problem-title">This Dag can&apos;t run: {dag.reason}</p>
        <p>{dag.message !== null && <Said text={dag.message} />}</p>
        <p className="problem-way-on">
          Mend the Dag and apply it again; <code>slipway validate FILE</code> tells the same before that.
        </p>
      </div>
    );
  }
  return null;
}
