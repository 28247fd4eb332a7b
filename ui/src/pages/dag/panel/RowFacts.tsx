import type { RunBar } from "../../../api/schema";
import { words } from "../../../format";
import { Empty } from "../../../parts/Empty";
import { lookOf, State } from "../../../parts/State";
import type { Layout } from "../grid/model";
import type { GridStore } from "../grid/store";
import { Facts } from "./Facts";
import type { Chosen } from "./chosen";

type Props = { ns: string; task: string; layout: Layout; store: GridStore; columns: readonly RunBar[]; onChoose: (chosen: Chosen) => void };

/** One task over all runs on show. */
export function RowFacts({ task, layout, store, columns, onChoose }: Props) {
  const line = layout.lines.find((each) => each.kind === "task" && each.label === task);
  if (line?.kind !== "task") {
    return <Empty title="No such task">No version on show has a task of this name. Close the panel and choose another.</Empty>;
  }
  const counts = new Map<string, number>();
  for (const run of columns) {
    const { state } = store.cell(line, run.name);
    if (state !== undefined) {
      counts.set(state ?? "None", (counts.get(state ?? "None") ?? 0) + 1);
    }
  }
  const { task: about } = line;
  const links = (names: readonly string[]) =>
    names.map((name) => (
      <button key={name} type="button" className="tag" onClick={() => onChoose({ task: name })}>
        {name}
      </button>
    ));
  const after = layout.tasks.filter((each) => each.dependsOn.includes(task)).map((each) => each.task);
  return (
    <Facts
      facts={[
        ["Kind", about.kind],
        ["Role", about.role !== "work" && about.role],
        ["Group", about.group],
        ["Mapped", about.mapped && "once for each element of a list"],
        ["Starts when", about.dependsOn.length > 0 && `${words(about.triggerRule)} of the tasks before it`],
        ["After", about.dependsOn.length > 0 && <span key="after" className="row">{links(about.dependsOn)}</span>],
        ["Before", after.length > 0 && <span key="before" className="row">{links(after)}</span>],
        ["Not current", !about.isCurrent && "the newest version of the Dag has no such task"],
        [
          "Runs on show",
          <span key="counts" className="stack">
            {[...counts].map(([state, number]) => (
              <State key={state} value={state} word={`${number} ${lookOf(state).word}`} />
            ))}
          </span>,
        ],
      ]}
    />
  );
}
