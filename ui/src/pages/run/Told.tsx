/** By when a run should have succeeded, and who was told what about it. */
import type { RunAlert, RunDeadline, RunDetail } from "../../api/schema";
import { count, words } from "../../format";
import { Said } from "../../parts/Said";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";

const LOOKS: Readonly<Record<string, string>> = { Set: "Queued", AtRisk: "UpForRetry", Missed: "Failed" };

const DEADLINES: readonly Column<RunDeadline>[] = [
  { key: "state", title: "State", width: "1%", cell: (each) => <State value={LOOKS[each.state] ?? "Queued"} word={words(each.state)} /> },
  { key: "name", title: "Deadline", cell: (each) => each.name },
  { key: "at", title: "At", cell: (each) => <Time at={each.at} /> },
  { key: "risk", title: "At risk from", cell: (each) => (each.riskAt === null ? <Nothing /> : <Time at={each.riskAt} />) },
];

const ALERTS: readonly Column<RunAlert>[] = [
  { key: "state", title: "State", width: "1%", cell: (each) => <State value={lookOf(each)} word={wordOf(each)} /> },
  { key: "alert", title: "Alert", cell: (each) => each.alert },
  { key: "event", title: "Of", cell: (each) => <Event alert={each} /> },
  { key: "when", title: "When", cell: (each) => <Time at={each.doneAt ?? each.after} /> },
  { key: "sent", title: "Sent to", cell: (each) => (each.sent.length === 0 ? <Nothing /> : each.sent.join(", ")) },
  { key: "failed", title: "Not reached", cell: (each) => <Failed alert={each} /> },
];

/** Nothing where the run has neither. */
export function Told({ run: { deadlines, alerts } }: { run: RunDetail }) {
  return (
    <>
      {deadlines.length > 0 && <Table caption="Deadlines" columns={DEADLINES} rows={deadlines} rowKey={(each) => each.name} />}
      {alerts.length > 0 && (
        <Table caption="Alerts" columns={ALERTS} rows={alerts.toReversed()} rowKey={(each) => `${each.alert} ${each.event} ${each.after} ${each.deadline}`} />
      )}
    </>
  );
}

/** Failed as soon as one target was given up; sent when all have it. */
export function lookOf({ failed, doneAt }: RunAlert): string {
  if (Object.keys(failed).length > 0) {
    return "Failed";
  }
  return doneAt === null ? "Queued" : "Success";
}

function wordOf(alert: RunAlert): string {
  const look = lookOf(alert);
  return look === "Failed" ? "not all reached" : look === "Queued" ? "to be sent" : "sent";
}

/** `task failed · 3 tries`, `deadline missed: by-breakfast`. */
function Event({ alert: { event, deadline, count: number } }: { alert: RunAlert }) {
  return (
    <>
      {words(event)}
      {deadline !== null && `: ${deadline}`}
      {number > 1 && <span className="muted small"> · {count(number, "end")}</span>}
    </>
  );
}

function Failed({ alert }: { alert: RunAlert }) {
  const told = Object.entries(alert.failed).map(([target, why]) => `${target}: ${why}`);
  return told.length === 0 ? <Nothing /> : <Said text={told.join(" · ")} />;
}

function Nothing() {
  return <span className="muted">–</span>;
}
