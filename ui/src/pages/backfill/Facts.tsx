import type { ReactNode } from "react";
import { Link } from "react-router";
import type { BackfillDetail } from "../../api/schema";
import { Duration } from "../../parts/Duration";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";

const REPROCESS: Record<string, string> = { none: "left as they are", failed: "run again if they failed", completed: "run again" };

/** What the backfill was asked for, and when it did what. */
export function Facts({ backfill }: { backfill: BackfillDetail }) {
  const { namespace, dag } = backfill;
  return (
    <dl className="card backfill-facts">
      <Fact name="Dag">
        <Link to={`/dags/${namespace}/${dag}/grid`}>{dag}</Link>
      </Fact>
      <Fact name="Namespace">{namespace}</Fact>
      <Fact name="From">
        <Time at={backfill.from} />
      </Fact>
      <Fact name="To">
        <Time at={backfill.to} />
      </Fact>
      <Fact name="Runs that have ended">{REPROCESS[backfill.reprocess] ?? backfill.reprocess}</Fact>
      <Fact name="Order">{backfill.runBackwards ? "the newest first" : "the oldest first"}</Fact>
      <Fact name="Runs at once">{backfill.maxActiveRuns}</Fact>
      <Fact name="Only gaps">{backfill.gaps ? "yes" : "no"}</Fact>
      <Fact name="Created">
        <Time at={backfill.createdAt} ago />
      </Fact>
      <Fact name="Planned">
        <Time at={backfill.plannedAt} ago />
      </Fact>
      <Fact name="Took">
        <Duration from={backfill.startedAt} to={backfill.finishedAt} />
      </Fact>
      {backfill.note !== null && <Fact name="Note"><Said text={backfill.note} /></Fact>}
      {backfill.params !== "{}" && (
        <Fact name="Params">
          <code>{backfill.params}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
