import type { BackfillDone, Planned } from "../../api/schema";
import { State } from "../../parts/State";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { PlanFigures } from "./PlanFigures";
import { workOf } from "./progress";

type Props = { made: BackfillDone | undefined; isCurrent: boolean; isAsked: boolean; hasProblem: boolean };

/** What becomes of an interval, as a state to look at. */
const PLANS: Record<string, readonly [string, string]> = {
  create: ["Scheduled", "create a run"],
  reprocess: ["UpForRetry", "run again"],
  exists: ["Skipped", "left as it is"],
  inFlight: ["Running", "under way, left alone"],
};

const COLUMNS: readonly Column<Planned>[] = [
  { key: "date", title: "Logical date", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.logicalDate} /></span> },
  { key: "plan", title: "Plan", cell: (each) => <PlanWord plan={each.plan} /> },
  { key: "run", title: "Run", cell: (each) => <span className="cut" title={each.run}>{each.run}</span> },
];

/** The plan: how many intervals, and what becomes of each. */
export function Plan({ made, isCurrent, isAsked, hasProblem }: Props) {
  if (made === undefined) {
    return hasProblem ? null : <p className="muted" role="status">{isAsked ? "Planning…" : "The plan shows here once the range is given."}</p>;
  }
  const { plan } = made;
  const isNothing = workOf(plan) === 0;
  return (
    <section className="stack backfills-plan" aria-label="Plan" data-current={isCurrent}>
      <h3>The plan</h3>
      <PlanFigures plan={plan} />
      {isNothing && (
        <p className="note" role="status">
          <strong>Nothing would be done.</strong>{" "}
          {plan.total === 0 ? "No interval of the schedule lies in the range and has ended." : "Every interval has its run. Choose what is to run again, or another range."}
        </p>
      )}
      {!plan.whole && <p className="note">There are more intervals than are counted here: the controller takes all of them.</p>}
      {plan.intervals.length > 0 && (
        <>
          <div className="backfills-intervals">
            <Table caption="Planned intervals" columns={COLUMNS} rows={plan.intervals} rowKey={(each) => each.logicalDate} />
          </div>
          {plan.intervals.length < (plan.total ?? 0) && <p className="muted small">The first {plan.intervals.length.toLocaleString("en")} are shown.</p>}
        </>
      )}
    </section>
  );
}

function PlanWord({ plan }: { plan: string }) {
  const [state, word] = PLANS[plan] ?? [plan, plan];
  return <State value={state} word={word} />;
}
