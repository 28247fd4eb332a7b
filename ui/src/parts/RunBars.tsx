/** A Dag's last runs as bars, the newest right: height by duration, colour by state. */
import { Link } from "react-router";
import type { RecentRun } from "../api/schema";
import { count, duration, secondsBetween } from "../format";
import { lookOf } from "./State";

const HEIGHT = 26;
const LOWEST = 5;

export function RunBars({ namespace, runs }: { namespace: string; runs: readonly RecentRun[] }) {
  if (runs.length === 0) {
    return <span className="muted small">no runs</span>;
  }
  const seconds = runs.map(secondsOf);
  const longest = Math.max(1, ...seconds);
  return (
    <>
      <span className="run-bars" aria-hidden="true">
        {runs.map((run, place) => (
          <Link
            key={run.name}
            to={`/runs/${namespace}/${run.name}`}
            tabIndex={-1}
            className="run-bar"
            data-family={lookOf(run.state).family}
            title={`${run.name}: ${lookOf(run.state).word}, ${duration(seconds[place] ?? 0)}, ${run.runType}`}
            style={{ height: LOWEST + ((HEIGHT - LOWEST) * (seconds[place] ?? 0)) / longest }}
          />
        ))}
      </span>
      <span className="hidden-visually">{summary(runs)}</span>
    </>
  );
}

function secondsOf(run: RecentRun): number {
  return run.startedAt === null ? 0 : Math.max(0, secondsBetween(run.startedAt, run.finishedAt ?? Date.now()));
}

/** `Last 10 runs: 8 success, 2 failed`. */
function summary(runs: readonly RecentRun[]): string {
  const counts = new Map<string, number>();
  runs.forEach((run) => counts.set(lookOf(run.state).word, (counts.get(lookOf(run.state).word) ?? 0) + 1));
  return `Last ${count(runs.length, "run")}: ${[...counts].map(([word, number]) => `${number} ${word}`).join(", ")}`;
}
