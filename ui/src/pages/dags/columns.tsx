/** The columns of the list of Dags. */
import { Link } from "react-router";
import type { DagLine } from "../../api/schema";
import { RunBars } from "../../parts/RunBars";
import { State } from "../../parts/State";
import type { Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { scheduleWords } from "../../schedule";
import { PauseSwitch } from "./PauseSwitch";

type Options = { withNamespace: boolean; onTag: (tag: string) => void };

export function columnsOf({ withNamespace, onTag }: Options): readonly Column<DagLine>[] {
  const namespace: Column<DagLine> = { key: "namespace", title: "Namespace", cell: (dag) => dag.namespace };
  return [
    { key: "paused", title: "On", width: "1%", cell: (dag) => <PauseSwitch dag={dag} /> },
    { key: "state", title: "State", width: "1%", cell: (dag) => <DagState dag={dag} /> },
    { key: "name", title: "Dag", cell: (dag) => <Name dag={dag} onTag={onTag} /> },
    ...(withNamespace ? [namespace] : []),
    { key: "schedule", title: "Schedule", cell: (dag) => <Schedule dag={dag} /> },
    { key: "runs", title: "Last runs", width: "1%", cell: (dag) => <RunBars namespace={dag.namespace} runs={dag.recent} /> },
    { key: "next", title: "Next run", width: "1%", cell: (dag) => <Next dag={dag} /> },
    { key: "active", title: "Active", right: true, width: "1%", cell: (dag) => <Active dag={dag} /> },
    { key: "owner", title: "Owner", cell: (dag) => (dag.owner === null ? <span className="muted">–</span> : <Said text={dag.owner} />) },
    { key: "trigger", title: <span className="hidden-visually">Trigger</span>, width: "1%", cell: (dag) => <Trigger dag={dag} /> },
  ];
}

/** What is wrong with the Dag before how its last run stands. */
function DagState({ dag }: { dag: DagLine }) {
  if (dag.ready === false) {
    return <State value="NotReady" title={dag.message ?? undefined} />;
  }
  return dag.lastState === null ? <span className="muted">no runs</span> : <State value={dag.lastState} />;
}

function Name({ dag, onTag }: { dag: DagLine; onTag: (tag: string) => void }) {
  return (
    <div className="dags-name">
      <span className="row">
        <Link to={`/dags/${dag.namespace}/${dag.name}/grid`} className="cut dags-link" title={dag.description ?? dag.name}>
          {dag.name}
        </Link>
        {dag.tags.map((tag) => (
          <button key={tag} type="button" className="tag cut" title={`Only Dags with tag ${tag}`} onClick={() => onTag(tag)}>
            <Said text={tag} />
          </button>
        ))}
      </span>
      {dag.ready === false && (
        <span className="dags-fault small cut" title={dag.message ?? undefined}>
          {dag.reason}: <Said text={dag.message ?? ""} />
        </span>
      )}
    </div>
  );
}

/** `At 06:00, Europe/Zurich`. */
function Schedule({ dag: { schedule, timezone } }: { dag: DagLine }) {
  if (schedule === null) {
    return <span className="muted">by hand</span>;
  }
  return (
    <span className="cut dags-schedule" title={timezone === null ? schedule : `${schedule}, by the clock of ${timezone}`}>
      {scheduleWords(schedule)}
      {timezone !== null && <span className="muted">, {timezone}</span>}
    </span>
  );
}

function Next({ dag }: { dag: DagLine }) {
  if (dag.paused) {
    return <State value="Paused" />;
  }
  return <span className="dags-time">{dag.nextRunAt === null ? <span className="muted">–</span> : <Time at={dag.nextRunAt} ago />}</span>;
}

function Active({ dag }: { dag: DagLine }) {
  if (dag.activeRuns === 0) {
    return <span className="muted">0</span>;
  }
  const to = `/dags/${dag.namespace}/${dag.name}/runs?state=Queued&state=Running`;
  return <Link to={to}>{dag.activeRuns.toLocaleString("en")}</Link>;
}

function Trigger({ dag }: { dag: DagLine }) {
  return (
    <Link to={`/dags/${dag.namespace}/${dag.name}/trigger`} className="button dags-trigger" aria-label={`Trigger ${dag.name}`}>
      ▶
    </Link>
  );
}
