import { useNavigate } from "react-router";
import type { Pages } from "../../api/hooks";
import type { TaskLine } from "../../api/schema";
import { count } from "../../format";
import { lookOf, State } from "../../parts/State";
import { searchOf, type TabName } from "./place";

type Props = { instances: Pages<TaskLine>; index: number | undefined; tab: TabName };

/** The instances of a mapped task: how many stand where, and which one is looked at. */
export function Instances({ instances, index, tab }: Props) {
  const navigate = useNavigate();
  const all = instances.items ?? [];
  const place = all.findIndex((each) => each.index === index);
  const counts = new Map<string, number>();
  all.forEach((each) => counts.set(each.state, (counts.get(each.state) ?? 0) + 1));

  function go(to: TaskLine | undefined) {
    if (to !== undefined) {
      void navigate(searchOf({ index: to.index ?? undefined, tab }), { replace: true });
    }
  }

  return (
    <div className="card row task-instances">
      <strong>
        {count(all.length, "instance")}
        {instances.hasMore && " and more"}
      </strong>
      {[...counts].map(([state, number]) => (
        <button
          key={state}
          type="button"
          className="chip"
          data-family={lookOf(state).family}
          title={`Go to the next that is ${lookOf(state).word}`}
          onClick={() => go(nextOf(all, state, place))}
        >
          <State value={state} word={`${number.toLocaleString("en")} ${lookOf(state).word}`} />
        </button>
      ))}
      <span className="row task-pick">
        <button type="button" onClick={() => go(all[place - 1])} disabled={place <= 0} aria-label="Previous instance">
          ←
        </button>
        <select aria-label="Instance" value={index ?? ""} onChange={(event) => go(all.find((each) => String(each.index) === event.target.value))}>
          {place === -1 && <option value={index ?? ""}>[{index ?? "?"}]</option>}
          {all.map((each) => (
            <option key={each.index} value={each.index ?? ""}>
              [{each.index}] {lookOf(each.state).word}
            </option>
          ))}
        </select>
        <button type="button" onClick={() => go(all[place + 1])} disabled={place === all.length - 1} aria-label="Next instance">
          →
        </button>
        {instances.hasMore && (
          <button type="button" onClick={instances.loadMore} disabled={instances.isLoadingMore}>
            Load more
          </button>
        )}
      </span>
    </div>
  );
}

function nextOf(all: readonly TaskLine[], state: string, place: number): TaskLine | undefined {
  return [...all.slice(place + 1), ...all.slice(0, place + 1)].find((each) => each.state === state);
}
