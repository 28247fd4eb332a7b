import { Handle, Position, type NodeProps } from "@xyflow/react";
import { createContext, memo, useCallback, useContext, useSyncExternalStore } from "react";
import { words } from "../../../format";
import { Glyph, lookOf } from "../../../parts/State";
import { cellWords, totalOf } from "../grid/cells";
import type { Line } from "../grid/model";
import type { GridStore } from "../grid/store";
import type { Direction } from "../../../worker/layout";

export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 46;

export type Live = { store: GridStore; run: string | undefined; states: ReadonlySet<string>; onFold: (group: string) => void };
export const LiveContext = createContext<Live | null>(null);
export type NodeData = { line: Line; direction: Direction; isFound: boolean };

/** One task or folded group; it is drawn again when its own state changes. */
export const TaskNode = memo(function TaskNode({ data, selected }: NodeProps) {
  const { line, direction, isFound } = data as NodeData;
  const live = useContext(LiveContext);
  const cell = useCell(live, line);
  const look = lookOf(cell?.state);
  const isDim = live !== null && live.states.size > 0 && !live.states.has(cell?.state ?? "None");
  const rule = line.kind === "task" && line.task.triggerRule !== "all_success" ? words(line.task.triggerRule) : undefined;
  const state = cell === undefined ? "" : cellWords(cell, line.kind === "group" ? "task" : "instance");
  return (
    <div
      className={line.kind === "group" ? "graph-node graph-group" : "graph-node"}
      data-family={cell === undefined ? undefined : look.family}
      data-chosen={selected}
      data-dim={isDim}
      data-found={isFound}
      title={[line.label, state, rule && `starts when: ${rule}`].filter(Boolean).join("\n")}
    >
      <Handle type="target" position={direction === "LR" ? Position.Left : Position.Top} isConnectable={false} />
      <span className="graph-state">{cell !== undefined && <Glyph state={cell.state} size={16} />}</span>
      <span className="graph-text">
        <span className="cut graph-name">{line.label}</span>
        <span className="cut small muted">
          {line.kind === "group" ? `${line.places.length} tasks` : cell === undefined ? line.task.kind : look.word}
          {cell?.counts && line.kind === "task" && ` ×${totalOf(cell)}`}
          {cell !== undefined && cell.tried > 1 && `, try ${cell.tried}`}
          {rule && <em className="graph-rule"> {rule}</em>}
        </span>
      </span>
      {line.kind === "group" && (
        <button
          type="button"
          className="plain nodrag"
          aria-label={`Unfold group ${line.label}`}
          onClick={(event) => {
            event.stopPropagation();
            live?.onFold(line.group);
          }}
        >
          +
        </button>
      )}
      <Handle type="source" position={direction === "LR" ? Position.Right : Position.Bottom} isConnectable={false} />
    </div>
  );
});

/** The state of a line in the chosen run; undefined without a run. */
export function useCell(live: Live | null, line: Line) {
  const watch = useCallback((told: () => void) => live?.store.watch(line.key, told) ?? (() => undefined), [live, line.key]);
  useSyncExternalStore(watch, () => live?.store.version(line.key) ?? 0);
  return live?.run === undefined ? undefined : live.store.cell(line, live.run);
}
