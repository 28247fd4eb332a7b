import { Link } from "react-router";
import type { BulkRun, Done } from "../api/schema";
import { count } from "../format";
import { gathered } from "./instances";
import { reached, refused, type Told } from "./range";

/** Which tasks of which runs something happens to. */
export function AffectedRuns({ told, whole = false }: { told: Told; whole?: boolean }) {
  const runs = reached(told, whole);
  const title = `${count(runs.length, "run")} would be touched`;
  const untouched = told.items.length - runs.length - refused(told).length;
  return (
    <section className="stack affected">
      <h3>{title}</h3>
      {/* A box that scrolls must be reached by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul className="affected-list" aria-label={title} tabIndex={0}>
        {runs.map(({ namespace, run, outcome }) => (
          <li key={run}>
            <Link to={`/runs/${namespace}/${encodeURIComponent(run)}`} className="cut" title={run}>
              {run}
            </Link>
            {outcome !== null && <Tasks done={outcome} />}
          </li>
        ))}
      </ul>
      {untouched > 0 && <p className="muted small">{count(untouched, "run has", "runs have")} nothing that this would touch.</p>}
      <RefusedRuns items={refused(told)} />
    </section>
  );
}

/** `3 cleared: load [0–1], report`. */
function Tasks({ done }: { done: Done }) {
  const lines = [line(done.marked ?? [], "marked"), line(done.cleared ?? [], "cleared")].filter((each) => each !== "");
  return (
    <span className="muted small cut" title={lines.join("\n")}>
      {lines.join(" · ")}
    </span>
  );
}

function line(instances: readonly string[], what: string): string {
  const names = gathered(instances).map(({ task, indices }) => (indices === "" ? task : `${task} [${indices}]`));
  return names.length === 0 ? "" : `${instances.length.toLocaleString("en")} ${what}: ${names.join(", ")}`;
}

/** The runs that it is not possible for, each with the reason. */
export function RefusedRuns({ items }: { items: readonly BulkRun[] }) {
  if (items.length === 0) {
    return null;
  }
  return (
    <div className="problem">
      <p className="problem-title">Not possible for {count(items.length, "run")}</p>
      <ul className="affected-list">
        {items.map(({ namespace, run, problem }) => (
          <li key={`${namespace}/${run}`}>
            <Link to={`/runs/${namespace}/${encodeURIComponent(run)}`} className="cut" title={`${namespace}/${run}`}>
              {namespace}/{run}
            </Link>
            <span className="small">{problem?.detail}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
