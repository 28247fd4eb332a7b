import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link } from "react-router";
import type { TaskDetail } from "../../api/schema";
import { shellWord } from "../../format";
import { useShortcut } from "../../keys";
import { Empty } from "../../parts/Empty";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { Tabs } from "../../parts/Tabs";
import { RunDialog, type Asked } from "../run/RunDialog";
import { About } from "./About";
import { Attempts } from "./Attempts";
import { Events } from "./Events";
import { Instances } from "./Instances";
import { Outputs } from "./Outputs";
import { instanceName, searchOf, TABS, usePlace, type Place, type TabName } from "./place";
import { Spec } from "./Spec";
import { Tries } from "./Tries";
import { useTask } from "./useTask";
import { useWhy } from "./useWhy";
import { WhyList } from "./WhyList";
import "./task.css";

const LogView = lazy(async () => ({ default: (await import("../../parts/log/LogView")).LogView }));

const LABELS: Record<TabName, string> = {
  log: "Log",
  attempts: "Attempts",
  spec: "Spec",
  outputs: "Output",
  events: "Events",
  why: "Why is it not running?",
};
const WAITS = new Set(["Scheduled", "Queued"]);
const GOES_ON = new Set(["Running", "Deferred", "Queued", "Scheduled"]);

/** One task of a run: its log, attempts, spec, output, events, and why it does not run. */
export default function Task() {
  const place = usePlace();
  const { ns, run, task } = place;
  const found = useTask(place);
  const [asked, setAsked] = useState<Asked | null>(null);
  const detail = found.detail.data;
  const attempts = detail?.attempts ?? [];
  // A task that was cleared counts anew, and the account of its earlier tries stays.
  const newest = detail?.attempt || attempts[0]?.number;
  const attempt = place.attempt ?? newest;
  const tab: TabName = place.tab ?? (attempt === undefined || WAITS.has(detail?.state ?? "") ? "why" : "log");
  const { index } = found;
  const here: Place = { ...place, index, attempt, tab };
  const name = instanceName(task, index);
  const isUnbegun = found.instances.items?.length === 0;
  // A task that has not begun has a reason for it; one that the Dag does not have, has none.
  const why = useWhy({ ns, run, task, index, enabled: isUnbegun });
  const isUnknown = isUnbegun && why.error?.status === 404;
  const isThere = detail !== undefined || (isUnbegun && why.data !== undefined);
  const runGone = found.run.data?.deletedAt ?? null;
  const canAct = runGone === null && found.run.data !== undefined && isThere;
  const dag = found.run.data?.dag;
  useShortcut("c", "Clear this task", () => setAsked("clear"), canAct);
  useShortcut("m", "Mark this task", () => setAsked("mark"), canAct);

  return (
    <Page
      title={name}
      beside={isThere && <State value={detail?.state} badge title={detail?.message ?? undefined} />}
      crumbs={[
        { label: ns, to: `/runs?namespace=${encodeURIComponent(ns)}` },
        ...(dag === undefined ? [] : [{ label: dag, to: `/dags/${ns}/${dag}/grid?run=${encodeURIComponent(run)}&task=${encodeURIComponent(task)}` }]),
        { label: run, to: `/runs/${ns}/${encodeURIComponent(run)}` },
      ]}
      updatedAt={found.detail.dataUpdatedAt || found.instances.updatedAt}
      command={commandOf(here, detail)}
      actions={
        <>
          <button type="button" disabled={!canAct} onClick={() => setAsked("clear")}>
            Clear
          </button>
          <button type="button" disabled={!canAct} onClick={() => setAsked("mark")}>
            Mark
          </button>
        </>
      }
    >
      <ProblemNote error={found.instances.problem ?? found.run.error} retry={found.instances.refetch} keepsData={found.instances.items !== undefined} />
      {found.instances.problem?.status === 404 && (
        <p>
          Go on with the <Link to={`/runs?namespace=${encodeURIComponent(ns)}`}>runs of {ns}</Link>.
        </p>
      )}
      {(found.instances.isLoading || found.detail.isLoading) && <Loading what="Loading the task" />}
      {found.isMapped && <Instances instances={found.instances} index={index} tab={tab} />}
      <ProblemNote error={found.detail.error} retry={() => void found.detail.refetch()} keepsData={detail !== undefined} />
      {detail !== undefined && <About task={detail} runGone={runGone} />}
      {isUnbegun && <ProblemNote error={why.error} retry={() => void why.refetch()} />}
      {isUnknown && (
        <p>
          Go on with the <Link to={`/runs/${ns}/${encodeURIComponent(run)}`}>tasks of the run</Link>
          {dag !== undefined && (
            <>
              {" "}
              or the <Link to={`/dags/${ns}/${dag}/graph?run=${encodeURIComponent(run)}`}>graph of {dag}</Link>
            </>
          )}
          .
        </p>
      )}
      {isThere && (
        <>
          <Tabs
            label="Views of the task"
            tabs={TABS.map((each) => ({
              to: searchOf({ index, attempt: place.attempt, tab: each }),
              label: LABELS[each],
              count: each === "attempts" ? attempts.length : undefined,
              current: each === tab,
            }))}
          />
          <Shown place={here} task={detail} newest={newest} />
        </>
      )}
      {asked !== null && <RunDialog asked={asked} ns={ns} run={run} tasks={[name]} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function Shown({ place, task, newest }: { place: Place; task: TaskDetail | undefined; newest: number | undefined }): ReactNode {
  const { ns, run, index, attempt, tab } = place;
  if (tab === "why") {
    return <WhyTab {...place} />;
  }
  if (tab === "spec") {
    return <Spec {...{ ns, run, index }} task={place.task} />;
  }
  if (task === undefined) {
    return <NotBegun {...place} />;
  }
  if (tab === "attempts") {
    return <Attempts attempts={task.attempts} index={index} />;
  }
  if (tab === "outputs") {
    return <Outputs task={task} />;
  }
  if (attempt === undefined) {
    return <NotBegun {...place} />;
  }
  return (
    <>
      <Tries {...{ place, task, newest }} />
      {tab === "events" ? (
        <Events {...{ ns, run, index, attempt }} task={place.task} />
      ) : (
        <Suspense fallback={<Loading />}>
          <LogView
            key={`${place.task} ${index} ${attempt}`}
            {...{ ns, run, index, attempt }}
            task={place.task}
            isLive={attempt === task.attempt && GOES_ON.has(task.state)}
            elsewhere={[
              { to: searchOf({ index, tab: "attempts" }), label: "How its attempts ended" },
              { to: searchOf({ index, attempt, tab: "events" }), label: "Events of the Pod" },
              { to: searchOf({ index, tab: "why" }), label: "Why is it not running?" },
            ]}
          />
        </Suspense>
      )}
    </>
  );
}

function WhyTab({ ns, run, task, index }: Place) {
  const why = useWhy({ ns, run, task, index });
  return (
    <>
      <ProblemNote error={why.error} retry={() => void why.refetch()} keepsData={why.data !== undefined} />
      {why.isLoading && <Loading what="Looking for reasons" />}
      {why.data !== undefined && <WhyList why={why.data} {...{ ns, run }} />}
    </>
  );
}

function NotBegun({ index }: Place) {
  return (
    <Empty title="The task has not begun">
      <p>There is nothing of this yet.</p>
      <Link to={searchOf({ index, tab: "why" })}>Why is it not running?</Link>
    </Empty>
  );
}

/** The line that shows what the tab shows. */
function commandOf({ ns, run, task, index, attempt, tab }: Place, detail: TaskDetail | undefined): string {
  const pod = detail?.attempts.find((each) => each.number === attempt)?.pod ?? detail?.pod;
  const inNs = `-n ${shellWord(ns)}`;
  if (tab === "log" && pod) {
    return `kubectl ${inNs} logs ${shellWord(pod)} -c main`;
  }
  if (tab === "events" && pod) {
    return `kubectl ${inNs} events --for pod/${shellWord(pod)}`;
  }
  if (tab === "why" || detail === undefined || detail.name === null) {
    return `slipway why ${inNs} ${shellWord(run)} ${shellWord(instanceName(task, index))}`;
  }
  return `kubectl ${inNs} get taskruns.slipway.dev ${shellWord(detail.name)} -o yaml`;
}
