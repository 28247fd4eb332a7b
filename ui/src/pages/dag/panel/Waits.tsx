import type { Wait } from "../../../api/schema";
import { Time } from "../../../parts/Time";
import { Said } from "../../../parts/Said";

/** What is waited for, the first reason first. */
export function Waits({ waits }: { waits: readonly Wait[] }) {
  if (waits.length === 0) {
    return null;
  }
  return (
    <ul className="dag-waits" aria-label="Waiting for">
      {waits.map((wait) => (
        <li key={wait.reason + wait.message}>
          <Said text={wait.message} />
          {wait.since && (
            <span className="muted small">
              {" "}
              since <Time at={wait.since} ago />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
