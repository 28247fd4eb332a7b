import { Link } from "react-router";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { Home } from "../../api/schema";
import { lookOf, State } from "../../parts/State";
import { STATES } from "./shape";

const HOURS = 24;

/** How the runs of the last day stand; each number leads to its runs. */
export function Recent({ namespace }: { namespace: string | undefined }) {
  const home = useRead<Home>({
    key: ["home", namespace, HOURS],
    about: [about(["runs"], { namespace })],
    call: (signal) => api.GET("/api/v1/home", { params: { query: { namespace, hours: HOURS } }, signal }),
  });
  const runs = home.data?.counts?.runs;
  const counted = runs === undefined ? [] : STATES.filter((state) => (runs[state] ?? 0) > 0);
  if (runs === undefined || counted.length === 0) {
    return null;
  }
  return (
    <p className="row small" aria-label={`Runs of the last ${HOURS} hours by state`}>
      <span className="muted">Last {HOURS} hours:</span>
      {counted.map((state) => (
        <Link key={state} to={address(state, namespace, home.data?.since)}>
          <State value={state} word={`${(runs[state] ?? 0).toLocaleString("en")} ${lookOf(state).word}`} />
        </Link>
      ))}
    </p>
  );
}

function address(state: string, namespace: string | undefined, since: string | undefined): string {
  const words = new URLSearchParams({ state, ...(namespace !== undefined && { namespace }), ...(since !== undefined && { after: since }) });
  return `/runs?${words}`;
}
