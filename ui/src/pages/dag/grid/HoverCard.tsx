import { words } from "../../../format";
import { Duration } from "../../../parts/Duration";
import { lookOf, State } from "../../../parts/State";
import type { RunBar } from "../../../api/schema";
import { totalOf } from "./cells";
import type { Line } from "./model";
import type { GridStore } from "./store";

export type Hovered = { line: Line | undefined; run: RunBar; name: string; at: DOMRect };

const WIDTH = 280;

/** What is under the pointer, in words; screen readers have the same in each cell's label. */
export function HoverCard({ hovered, store }: { hovered: Hovered; store: GridStore }) {
  const { line, run, name, at } = hovered;
  const cell = line && store.cell(line, run.name);
  const left = Math.min(at.right + 8, window.innerWidth - WIDTH - 12);
  const above = at.top > window.innerHeight / 2;
  const place = above ? { left, bottom: window.innerHeight - at.top + 6 } : { left, top: at.bottom + 6 };
  return (
    <div className="grid-card" role="presentation" aria-hidden="true" style={{ ...place, width: WIDTH }}>
      {line !== undefined && <strong className="cut">{line.label}</strong>}
      {cell !== undefined && (
        <span className="row">
          {cell.state === undefined ? <span className="muted">not in this version of the Dag</span> : <State value={cell.state} />}
          {cell.tried > 1 && <span>try {cell.tried}</span>}
          {cell.counts !== null && <span className="muted">{totalOf(cell).toLocaleString("en")} {line?.kind === "group" ? "tasks" : "instances"}</span>}
        </span>
      )}
      {cell?.counts && (
        <span className="grid-counts">
          {[...cell.counts].map(([state, number]) => (
            <State key={state} value={state} word={`${number.toLocaleString("en")} ${lookOf(state).word}`} />
          ))}
        </span>
      )}
      <span className="muted small">
        Run {name}, {words(run.runType)}
      </span>
      <span className="small row">
        <State value={run.state} />
        {run.startedAt !== null && <Duration from={run.startedAt} to={run.finishedAt} />}
      </span>
    </div>
  );
}
