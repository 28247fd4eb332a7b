/** What is to be known of a log beside its lines: whence it is, what is missing, why there is none. */
import { Link } from "react-router";
import { count } from "../../format";
import { bytes } from "./bytes";
import { Empty } from "../Empty";
import { ProblemNote } from "../Problem";
import { MOST_LINES } from "./buffer";
import type { LogState } from "./useLog";

type Log = LogState & { again: () => void };

/** One line about the log, and a note for each thing that is missing. */
export function LogNotes({ log, hidden, isFiltered, isLive, clear }: { log: Log; hidden: number; isFiltered: boolean; isLive: boolean; clear: () => void }) {
  const { buffer } = log;
  return (
    <>
      <p className="log-about small muted">
        <span className="log-source" data-live={log.source === "live" && log.status === "reading"}>
          {sourceOf(log, isLive)}
        </span>
        <span>{count(buffer.kept, "line")}</span>
        <span>{bytes(log.bytes)}</span>
        {isFiltered && (
          <span>
            {count(hidden, "line")} hidden by the filters{" "}
            <button type="button" className="plain small" onClick={clear}>
              Show all
            </button>
          </span>
        )}
      </p>
      {notesOf(log).map((note) => (
        <p key={note} className="log-note small">
          {note}
        </p>
      ))}
    </>
  );
}

function sourceOf({ source, status, problem }: Log, isLive: boolean): string {
  if (problem !== null && status === "waiting") {
    return "broken off, tried again";
  }
  if (source === "archived") {
    return "archived: the Pod is gone";
  }
  return status === "reading" && isLive ? "live, follows the task" : "live, from the Pod";
}

export function notesOf(log: Pick<LogState, "buffer" | "leftOut" | "lacksTimes" | "problem" | "status">): string[] {
  const notes: string[] = [];
  if (log.leftOut > 0) {
    notes.push(`Truncated: ${bytes(log.leftOut)} of the middle were not kept when the log was archived.`);
  }
  if (log.buffer.end - 1 >= MOST_LINES || log.buffer.dropped > 0) {
    notes.push(
      `This is a long log: only its end is shown, ${MOST_LINES.toLocaleString("en")} lines at most. ` +
        `Lines are counted from the first that was read; ${count(log.buffer.dropped, "line")} of these were let go again. The download of a task that has ended has all of it.`,
    );
  }
  if (log.lacksTimes) {
    notes.push("An archived log has no times of its lines.");
  }
  if (log.problem !== null) {
    notes.push(`${log.problem.body.detail}. What was read stays below.`);
  }
  return notes;
}

/** Why there is nothing to read. */
export function NoLog({ log, elsewhere }: { log: Log; elsewhere: readonly { to: string; label: string }[] }) {
  const body = log.problem?.body;
  if (log.status === "failed") {
    return <ProblemNote error={log.problem} retry={log.again} />;
  }
  const links = (
    <p className="row">
      {elsewhere.map((each) => (
        <Link key={each.to} to={each.to} replace>
          {each.label}
        </Link>
      ))}
    </p>
  );
  if (log.status === "ended") {
    return (
      <Empty title="The log is empty">
        <p>The task ended without writing anything.</p>
        {links}
      </Empty>
    );
  }
  return (
    <Empty title={log.status === "gone" ? "There is no log any more" : "There is no log yet"}>
      <p>{body?.detail}</p>
      {body?.wayOn && <p className="muted">{body.wayOn}</p>}
      {log.status === "waiting" && <p className="muted small">This page looks again every few seconds.</p>}
      {links}
    </Empty>
  );
}
