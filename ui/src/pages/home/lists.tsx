/** The lists of the first page: failed runs, Dags that can't run, pools. */
import { Link } from "react-router";
import type { DagNotReady, FailedRun, PoolLine } from "../../api/schema";
import { State } from "../../parts/State";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";

export function FailedRuns({ runs }: { runs: readonly FailedRun[] }) {
  if (runs.length === 0) {
    return <p className="muted">No run has failed in this window.</p>;
  }
  return (
    <ul className="home-list">
      {runs.map((run) => (
        <li key={`${run.namespace}/${run.name}`}>
          <State value="Failed" word="" />
          <Link to={`/runs/${run.namespace}/${run.name}`} className="cut home-name" title={`${run.namespace}/${run.name}`}>
            {run.name}
          </Link>
          <span className="cut muted home-why" title={run.message ?? undefined}>
            <Said text={run.message ?? run.reason ?? ""} />
          </span>
          <span className="muted small home-when">
            <Time at={run.finishedAt} ago />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function NotReady({ dags }: { dags: readonly DagNotReady[] }) {
  if (dags.length === 0) {
    return <p className="muted">All Dags can run.</p>;
  }
  return (
    <ul className="home-list">
      {dags.map((dag) => (
        <li key={`${dag.namespace}/${dag.name}`}>
          <State value="NotReady" word="" />
          <Link to={`/dags/${dag.namespace}/${dag.name}/details`} className="cut home-name" title={`${dag.namespace}/${dag.name}`}>
            {dag.name}
          </Link>
          <span className="cut muted home-why" title={dag.message ?? undefined}>
            {dag.reason === null ? "not judged yet" : <Said text={`${dag.reason}: ${dag.message}`} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function PoolBars({ pools }: { pools: readonly PoolLine[] }) {
  if (pools.length === 0) {
    return <p className="muted">There is no pool.</p>;
  }
  return (
    <ul className="home-pools">
      {pools.map((pool) => (
        <li key={`${pool.namespace}/${pool.name}`}>
          <Link to={`/pools?namespace=${pool.namespace}`} className="cut" title={`${pool.namespace}/${pool.name}`}>
            {pool.namespace}/{pool.name}
          </Link>
          <meter min={0} max={Math.max(pool.slots, 1)} value={pool.used} aria-label={`${pool.used} of ${pool.slots} slots used`} />
          <span className="number small">
            {pool.used}/{pool.slots}
            {pool.queued > 0 && `, ${pool.queued} wait`}
          </span>
        </li>
      ))}
    </ul>
  );
}
