import { useEffect, useMemo } from "react";
import { Link } from "react-router";
import { api } from "../../../api/client";
import { about, useRead } from "../../../api/hooks";
import type { Calendar as CalendarAnswer } from "../../../api/schema";
import { count, day as dayIn } from "../../../format";
import { useFilters } from "../../../parts/useFilters";
import { Loading } from "../../../parts/Loading";
import { ProblemNote } from "../../../parts/Problem";
import { Legend, lookOf } from "../../../parts/State";
import { Time } from "../../../parts/Time";
import { useZone } from "../../../zone";
import { typedTime } from "../../runs/times";
import type { ViewProps } from "../view";
import { monthNames, monthOf, nextDay, outcome, type Day } from "./model";
import "./calendar.css";

const SHAPE = { until: "text" } as const;
const MONTHS = 3;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const ORDER = ["Failed", "Running", "Queued", "Success"];

/** How the days went, and where the schedule has no run. */
export default function Calendar({ ns, dag, onFresh }: ViewProps) {
  const zone = useZone();
  const { values, set } = useFilters(SHAPE);
  const today = dayIn(Date.now(), zone); // oxlint-disable-line react/purity -- the day changes once a day
  const last = /^\d{4}-\d{2}$/.test(values.until ?? "") ? (values.until ?? "") : today.slice(0, 7);
  const names = useMemo(() => monthNames(last, MONTHS), [last]);
  const asked = useMemo(() => windowOf(names, zone), [names, zone]);
  const answer = useRead<CalendarAnswer>({
    key: ["calendar", ns, dag.name, asked],
    about: [about(["runs", "dags"], { namespace: ns, dag: dag.name })],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/calendar", { params: { path: { namespace: ns, dag: dag.name }, query: asked }, signal }),
  });
  useEffect(() => onFresh(answer.dataUpdatedAt), [onFresh, answer.dataUpdatedAt]);
  const days = useMemo(() => new Map(answer.data?.days.map((each) => [each.day, each])), [answer.data]);
  const found = answer.data;
  const move = (months: number) => {
    const to = new Date(`${last}-01T00:00:00Z`);
    to.setUTCMonth(to.getUTCMonth() + months);
    const until = to.toISOString().slice(0, 7);
    set({ until: until >= today.slice(0, 7) ? undefined : until });
  };
  return (
    <>
      <div className="row">
        <button type="button" onClick={() => move(-MONTHS)}>
          ← Earlier
        </button>
        <button type="button" disabled={last >= today.slice(0, 7)} onClick={() => move(MONTHS)}>
          Later →
        </button>
        <span className="muted small">Days in {zone}</span>
      </div>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} keepsData={found !== undefined} />
      {answer.isLoading && <Loading what="Loading the calendar" />}
      {found !== undefined && (
        <>
          <div className="calendar-months">
            {names.map((name) => (
              <MonthTable key={name} month={monthOf(name, days, today)} base={`/dags/${ns}/${dag.name}/runs`} zone={zone} />
            ))}
          </div>
          <Legend states={["Success", "Failed", "Running", "Queued"]} />
          <p className="muted small">
            A dashed frame: the schedule has slots on that day for which there is no run of any kind.{" "}
            {found.gapsSince === null ? "No slots are looked for: there is no schedule by time, or no run yet. " : <GapsSince at={found.gapsSince} />}
            {found.runsSince !== null && (
              <>
                There are more runs than can be counted: they are since <Time at={found.runsSince} />.
              </>
            )}
          </p>
        </>
      )}
    </>
  );
}

function GapsSince({ at }: { at: string }) {
  return (
    <>
      They are looked for since <Time at={at} />, by the schedule as it is now.{" "}
    </>
  );
}

function MonthTable({ month, base, zone }: { month: ReturnType<typeof monthOf>; base: string; zone: string }) {
  return (
    <table className="calendar-month">
      <caption>{month.title}</caption>
      <thead>
        <tr>
          {WEEKDAYS.map((name) => (
            <th key={name} scope="col" className="small muted">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {month.weeks.map((week, row) => (
          <tr key={week.find((each) => each !== null)?.day ?? row}>
            {week.map((each, column) => (
              <td key={WEEKDAYS[column]}>{each !== null && <DayBox day={each} base={base} zone={zone} />}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DayBox({ day, base, zone }: { day: Day; base: string; zone: string }) {
  const { told } = day;
  const state = told && outcome(told);
  if (told === undefined || state === undefined) {
    return <span className={day.isFuture ? "calendar-day calendar-future" : "calendar-day calendar-none"}>{day.number}</span>;
  }
  const counted = ORDER.filter((each) => (told.counts[each] ?? 0) > 0);
  const total = counted.reduce((sum, each) => sum + (told.counts[each] ?? 0), 0);
  const words = [
    ...counted.map((each) => `${told.counts[each]} ${lookOf(each).word}`),
    ...(told.missing > 0 ? [`${count(told.missing, "slot")} without a run`] : []),
  ].join(", ");
  const to = new URLSearchParams({ after: startOf(day.day, zone), before: startOf(nextDay(day.day), zone) });
  return (
    <Link
      className="calendar-day"
      data-family={state === "None" ? undefined : lookOf(state).family}
      data-missing={told.missing > 0}
      to={`${base}?${to.toString()}`}
      title={`${day.day}: ${words}`}
      aria-label={`${day.day}: ${words}`}
    >
      <span>{day.number}</span>
      <span className="calendar-count small">{total > 0 ? total : ""}</span>
      <span className="calendar-bar">
        {counted.map((each) => (
          <span key={each} data-family={lookOf(each).family} style={{ flexGrow: told.counts[each] ?? 0 }} />
        ))}
      </span>
    </Link>
  );
}

/** When the day begins in the zone. */
function startOf(day: string, zone: string): string {
  return typedTime(day, zone, 0) ?? `${day}T00:00:00Z`;
}

function windowOf(names: readonly string[], zone: string): { after: string; before: string; timezone: string } {
  const after = startOf(`${names[0]}-01`, zone);
  const end = new Date(`${names.at(-1)}-01T00:00:00Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return { after, before: startOf(end.toISOString().slice(0, 10), zone), timezone: zone };
}
