import { memo, useCallback, useSyncExternalStore } from "react";
import type { RunBar } from "../../../api/schema";
import { lookOf } from "../../../parts/State";
import { cellWords, shortCount, totalOf } from "./cells";
import type { Line } from "./model";
import type { GridStore } from "./store";

type Props = {
  line: Line;
  /** Its place among the visible lines. */
  row: number;
  height: number;
  columns: readonly RunBar[];
  /** What each run is called in a label. */
  names: readonly string[];
  store: GridStore;
  isCollapsed: boolean;
  /** Told of each time that it is drawn; for tests. */
  onDraw?: ((key: string) => void) | undefined;
};

/** One task or group: its name, and a cell for each run. It is drawn again when a state of its own changes. */
export const GridRow = memo(function GridRow({ line, row, height, columns, names, store, isCollapsed, onDraw }: Props) {
  const watch = useCallback((told: () => void) => store.watch(line.key, told), [store, line.key]);
  useSyncExternalStore(watch, () => store.version(line.key));
  onDraw?.(line.key);
  return (
    <div className="grid-row" role="row" aria-rowindex={row + 2} data-r={row} style={{ transform: `translateY(${row * height}px)` }}>
      <Name line={line} isCollapsed={isCollapsed} />
      {columns.map((run, place) => box(line, run, names[place] ?? run.name, store))}
    </div>
  );
});

function Name({ line, isCollapsed }: { line: Line; isCollapsed: boolean }) {
  const indent = { paddingLeft: 10 + line.depth * 16 };
  if (line.kind === "group") {
    return (
      <div className="grid-name grid-group" role="rowheader" aria-expanded={!isCollapsed} style={indent} title={line.description ?? line.label}>
        <span className="grid-turn" aria-hidden="true" />
        <span className="cut">{line.label}</span>
        <span className="muted small">{line.places.length}</span>
      </div>
    );
  }
  const { task } = line;
  const kind = task.role === "work" ? (task.kind === "pod" ? "" : task.kind) : task.role;
  return (
    <div className="grid-name" role="rowheader" style={indent} title={task.isCurrent ? task.task : `${task.task}: not in the newest version`}>
      <span className={task.isCurrent ? "cut" : "cut grid-old"}>{task.task}</span>
      {task.mapped && (
        <span className="grid-mapped small" title="Runs once for each element of a list">
          [ ]
        </span>
      )}
      {kind !== "" && <span className="muted small">{kind}</span>}
    </div>
  );
}

/** One cell. What was clicked is told from its place, so that it needs no listeners; no component, as there are thousands. */
function box(line: Line, run: RunBar, name: string, store: GridStore) {
  const cell = store.cell(line, run.name);
  if (cell.state === undefined) {
    return <div key={run.uid} className="grid-cell" role="gridcell" aria-label={`${line.label}, run ${name}, not in this version`} />;
  }
  const isCount = cell.counts !== null && line.kind === "task";
  return (
    <div
      key={run.uid}
      className={line.kind === "group" ? "grid-cell grid-sum" : "grid-cell"}
      role="gridcell"
      data-family={lookOf(cell.state).family}
      data-state={isCount ? "" : (cell.state ?? "None")}
      aria-label={`${line.label}, run ${name}, ${cellWords(cell, line.kind === "group" ? "task" : "instance")}`}
    >
      {isCount && shortCount(totalOf(cell))}
    </div>
  );
}
