import { Link } from "react-router";
import type { RunDetail } from "../../api/schema";
import { Time } from "../../parts/Time";
import { Fact, Facts } from "../task/Facts";
import { Text } from "../task/Text";
import { paramsOf } from "./params";

/** Everything else that is kept of a run. */
export function Details({ run }: { run: RunDetail }) {
  const labels = Object.entries(run.labels);
  return (
    <>
      <Facts>
        <Fact name="State">{run.state}</Fact>
        <Fact name="Reason">{run.reason}</Fact>
        <Fact name="Created"><Time at={run.createdAt} /></Fact>
        <Fact name="Ordered by"><Time at={run.orderedAt} /></Fact>
        <Fact name="Revision">
          {run.revision !== null && (
            <Link to={`/dags/${run.namespace}/${run.dag}/revisions?revision=${encodeURIComponent(run.revision)}`} className="mono">
              {run.revision}
            </Link>
          )}
        </Fact>
        <Fact name="Airflow's name">{run.runId}</Fact>
        <Fact name="Paused">{run.paused && "yes: it starts no tasks"}</Fact>
        <Fact name="Cancelled">{run.cancel}</Fact>
        <Fact name="uid"><span className="mono">{run.uid}</span></Fact>
        <Fact name="Resource version">{run.resourceVersion}</Fact>
      </Facts>
      <section className="stack" aria-label="Conditions">
        <h2>Conditions</h2>
        <ul className="run-conditions">
          <Condition name="Finished" value={run.finishedAt !== null} run={run} />
          <Condition name="Succeeded" value={run.state === "Success" ? true : run.finishedAt === null ? null : false} run={run} />
        </ul>
      </section>
      <section className="stack" aria-label="Labels">
        <h2>Labels</h2>
        {labels.length === 0 ? (
          <p className="muted">None.</p>
        ) : (
          <p className="row">
            {labels.map(([name, value]) => (
              <Link key={name} to={`/runs?label=${encodeURIComponent(`${name}=${value}`)}`} className="tag cut" title="Runs with this label">
                {name}={value}
              </Link>
            ))}
          </p>
        )}
      </section>
      <Text label="Params" text={Object.keys(paramsOf(run.params)).length === 0 ? run.params : JSON.stringify(paramsOf(run.params), null, 2)} />
    </>
  );
}

/** As `kubectl wait --for=condition=…` sees it. */
function Condition({ name, value, run }: { name: string; value: boolean | null; run: RunDetail }) {
  return (
    <li>
      <code>
        {name}={value === null ? "Unknown" : value ? "True" : "False"}
      </code>
      {run.reason !== null && value !== null && <span className="muted"> {run.reason}</span>}
    </li>
  );
}
