import { useSearchParams } from "react-router";
import type { TaskDetail } from "../../api/schema";
import { State } from "../../parts/State";
import { Said } from "../../parts/Said";
import type { Place } from "./place";

/** Which try is looked at, and how it ended. */
export function Tries({ place, task, newest }: { place: Place; task: TaskDetail; newest: number | undefined }) {
  const [, setSearch] = useSearchParams();
  const known = new Map(task.attempts.map((each) => [each.number, each]));
  const numbers = [...new Set([...known.keys(), ...(newest === undefined ? [] : [newest]), ...(place.attempt === undefined ? [] : [place.attempt])])];
  const shown = place.attempt === undefined ? undefined : known.get(place.attempt);
  return (
    <div className="row task-tries">
      {numbers.length > 1 ? (
        <fieldset className="state-filter">
          <legend className="hidden-visually">Try</legend>
          {numbers
            .toSorted((one, other) => one - other)
            .map((number) => (
              <button
                key={number}
                type="button"
                className="chip"
                data-family="waiting"
                aria-pressed={number === place.attempt}
                onClick={() =>
                  setSearch(
                    (before) => {
                      before.set("try", String(number));
                      return before;
                    },
                    { replace: true },
                  )
                }
              >
                <State value={known.get(number)?.state ?? (number === newest ? task.state : null)} word={`Try ${number}`} />
              </button>
            ))}
        </fieldset>
      ) : (
        <span>Try {place.attempt}</span>
      )}
      {shown !== undefined && shown.reason !== null && (
        <span className="muted small cut task-why" title={shown.message ?? shown.reason}>
          <strong>{shown.reason}</strong>
          {shown.message !== null && <>: <Said text={shown.message} /></>}
        </span>
      )}
    </div>
  );
}
