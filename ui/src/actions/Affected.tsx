import { useState } from "react";
import { count } from "../format";
import { gathered, type Change } from "./instances";

const SHOWN = 200;

/** Which instances something happens to. */
export function Affected({ title, instances }: { title: string; instances: readonly string[] }) {
  const [whole, setWhole] = useState(false);
  const told = gathered(instances);
  const shown = whole ? told : told.slice(0, SHOWN);
  return (
    <section className="stack affected">
      <h3>{title}</h3>
      {/* A box that scrolls must be reached by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ul className="affected-list" aria-label={title} tabIndex={0}>
        {shown.map(({ task, indices, count: number }) => (
          <li key={task}>
            <code className="cut" title={task}>
              {task}
            </code>
            {indices !== "" && (
              <span className="muted small cut" title={`Instances ${indices}`}>
                [{indices}]{number > 1 && ` · ${count(number, "instance")}`}
              </span>
            )}
          </li>
        ))}
      </ul>
      {shown.length < told.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {told.length.toLocaleString("en")}
        </button>
      )}
    </section>
  );
}

/** That the list is another one than the reader has confirmed. */
export function Changed({ change }: { change: Change | null }) {
  if (change === null) {
    return null;
  }
  const { added, gone } = change;
  return (
    <div className="note" role="alert">
      <p>
        <strong>What would be touched has changed since this list was made.</strong> Nothing was done. Below is the new list; confirm it again.
      </p>
      {added.length > 0 && <p className="small">New in it: {named(added)}</p>}
      {gone.length > 0 && <p className="small">No longer in it: {named(gone)}</p>}
    </div>
  );
}

function named(instances: readonly string[]): string {
  const first = instances.slice(0, 10).join(", ");
  return instances.length > 10 ? `${first} and ${count(instances.length - 10, "other")}` : first;
}
