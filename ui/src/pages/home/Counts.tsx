import { Link } from "react-router";
import { count } from "../../format";
import { lookOf, State } from "../../parts/State";

const ORDER = ["Failed", "UpstreamFailed", "Running", "Deferred", "UpForRetry", "Queued", "Scheduled", "Success", "Skipped", "Removed"];

type Props = { counts: Readonly<Record<string, number>>; one: string; /** The list of those in a state. */ to?: (state: string) => string };

/** Counts by state, as a bar and as numbers; each number opens its list. */
export function Counts({ counts, one, to }: Props) {
  const states = Object.keys(counts)
    .filter((state) => (counts[state] ?? 0) > 0)
    .toSorted((a, b) => place(a) - place(b));
  const total = states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  if (total === 0) {
    return <p className="muted">None in this window.</p>;
  }
  return (
    <>
      <div className="home-bar" aria-hidden="true">
        {states.map((state) => (
          <span key={state} data-family={lookOf(state).family} style={{ flexGrow: counts[state] }} />
        ))}
      </div>
      <ul className="home-counts">
        {states.map((state) => (
          <li key={state}>
            <Number number={counts[state] ?? 0} to={to?.(state)} label={`${count(counts[state] ?? 0, one)} ${lookOf(state).word}`} />
            <State value={state} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Number({ number, to, label }: { number: number; to: string | undefined; label: string }) {
  const told = number.toLocaleString("en");
  return to === undefined ? (
    <span className="home-number">{told}</span>
  ) : (
    <Link className="home-number" to={to} aria-label={label}>
      {told}
    </Link>
  );
}

function place(state: string): number {
  const found = ORDER.indexOf(state);
  return found === -1 ? ORDER.length : found;
}
