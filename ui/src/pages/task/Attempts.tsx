import { Link } from "react-router";
import type { AttemptLine } from "../../api/schema";
import { words } from "../../format";
import { Duration } from "../../parts/Duration";
import { Empty } from "../../parts/Empty";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { searchOf } from "./place";

/** Every attempt with how it ended and where it ran. */
export function Attempts({ attempts, index }: { attempts: readonly AttemptLine[]; index: number | undefined }) {
  if (attempts.length === 0) {
    return (
      <Empty title="No attempts yet">
        <p>No Pod was seen of this task so far.</p>
        <Link to={searchOf({ index, tab: "why" })}>Why is it not running?</Link>
      </Empty>
    );
  }
  return <Table caption="Attempts" columns={columnsFor(index)} rows={attempts} rowKey={(attempt) => String(attempt.number)} />;
}

function columnsFor(index: number | undefined): readonly Column<AttemptLine>[] {
  return [
    { key: "try", title: "Try", right: true, width: "1%", cell: (each) => each.number },
    { key: "state", title: "State", width: "1%", cell: (each) => <State value={each.state} /> },
    { key: "fault", title: "Whose fault", width: "1%", cell: (each) => (each.fault === null ? <Nothing /> : words(each.fault)) },
    { key: "reason", title: "Reason", cell: (each) => <Reason attempt={each} /> },
    { key: "exit", title: "Exit code", right: true, width: "1%", cell: (each) => each.exitCode ?? <Nothing /> },
    { key: "node", title: "Node", cell: (each) => <Name name={each.node} /> },
    { key: "pod", title: "Pod", cell: (each) => <Pod attempt={each} /> },
    { key: "start", title: "Start", width: "1%", cell: (each) => <At at={each.startedAt ?? each.createdAt} /> },
    { key: "end", title: "End", width: "1%", cell: (each) => <At at={each.finishedAt} /> },
    { key: "seconds", title: "Duration", right: true, width: "1%", cell: (each) => <Duration from={each.startedAt} to={each.finishedAt} /> },
    {
      key: "log",
      title: "Log",
      width: "1%",
      cell: (each) => (
        <Link to={searchOf({ index, attempt: each.number, tab: "log" })} aria-label={`Log of try ${each.number}`}>
          Log
        </Link>
      ),
    },
    {
      key: "events",
      title: "Events",
      width: "1%",
      cell: (each) => (
        <Link to={searchOf({ index, attempt: each.number, tab: "events" })} aria-label={`Events of try ${each.number}`}>
          Events
        </Link>
      ),
    },
  ];
}

function Reason({ attempt }: { attempt: AttemptLine }) {
  if (attempt.reason === null && attempt.message === null) {
    return <Nothing />;
  }
  return (
    <span className="task-reason">
      {attempt.reason !== null && <strong>{attempt.reason}</strong>}
      {attempt.message !== null && (
        <span className="small" title={attempt.message}>
          <Said text={attempt.message} />
        </span>
      )}
    </span>
  );
}

function Pod({ attempt }: { attempt: AttemptLine }) {
  return (
    <span className="task-reason">
      <Name name={attempt.pod} />
      {attempt.podDeletedAt !== null && (
        <span className="small muted">
          gone since <Time at={attempt.podDeletedAt} />
        </span>
      )}
    </span>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? <Nothing /> : <span className="cut mono task-name" title={name}>{name}</span>;
}

function At({ at }: { at: string | null }) {
  return (
    <span className="task-time">
      <Time at={at} />
    </span>
  );
}

function Nothing() {
  return <span className="muted">–</span>;
}
