import { Link } from "react-router";
import { api, data } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { BackfillDetail, Interval } from "../../api/schema";
import { Loading } from "../../parts/Loading";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";

const WORDS: Record<string, string> = {
  created: "made by it",
  reprocessed: "run again by it",
  existing: "not its own",
  waiting: "waits for its turn",
  passed: "left out",
};

type Props = { ns: string; name: string; backfill: BackfillDetail };

/** Each slot of the schedule in the backfill's range, with its run. */
export function Intervals({ ns, name, backfill }: Props) {
  const intervals = usePages<Interval>({
    key: ["backfill", ns, name, "intervals", backfill.plannedAt],
    about: [about(["backfills", "runs"], { namespace: ns })],
    call: async (cursor, signal) => {
      const found = await data(
        api.GET("/api/v1/namespaces/{namespace}/backfills/{backfill}", { params: { path: { namespace: ns, backfill: name }, query: { limit: 100, cursor } }, signal }),
      );
      return { data: found.intervals ?? { items: [], next: null } };
    },
  });
  const rows = intervals.items ?? [];
  return (
    <section className="stack" aria-label="Intervals">
      <h2>Intervals</h2>
      <ProblemNote error={intervals.problem} retry={intervals.refetch} keepsData={intervals.items !== undefined} />
      {intervals.isLoading && <Loading what="Loading the intervals" />}
      {intervals.items?.length === 0 && (
        <p className="muted">{backfill.plannedAt === null ? "They are known once the controller has planned it." : "No interval of the schedule lies in its range."}</p>
      )}
      {rows.length > 0 && (
        <>
          <Table caption="Intervals of the schedule" columns={columnsOf(ns)} rows={rows} rowKey={(each) => each.logicalDate} />
          <Pager pages={intervals} one="interval" />
        </>
      )}
    </section>
  );
}

function columnsOf(ns: string): readonly Column<Interval>[] {
  return [
    { key: "state", title: "Run", width: "1%", cell: (each) => <RunState interval={each} /> },
    { key: "what", title: "What becomes of it", width: "1%", cell: (each) => <span className="backfills-time">{WORDS[each.state] ?? each.state}</span> },
    { key: "date", title: "Logical date", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.logicalDate} /></span> },
    { key: "start", title: "Data from", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.start} /></span> },
    { key: "end", title: "Data to", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.end} /></span> },
    { key: "run", title: "Name of the run", cell: (each) => (each.run === null ? <span className="muted">none</span> : <Link to={`/runs/${ns}/${each.run}`} className="cut" title={each.run}>{each.run}</Link>) },
  ];
}

function RunState({ interval }: { interval: Interval }) {
  if (interval.runState !== null) {
    return <State value={interval.runState} />;
  }
  return interval.state === "passed" ? <State value="Skipped" word="no run" /> : <State value="Scheduled" word="not made yet" />;
}
