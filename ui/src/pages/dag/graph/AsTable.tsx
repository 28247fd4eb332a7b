import { words } from "../../../format";
import { Table } from "../../../parts/Table";
import { State } from "../../../parts/State";
import { cellWords } from "../grid/cells";
import type { Line } from "../grid/model";
import { useCell, type Live } from "./TaskNode";

/** The graph in words: each node with what comes before and after it. */
export function AsTable({ nodes, edges, live, onChoose }: { nodes: readonly Line[]; edges: readonly (readonly [string, string])[]; live: Live; onChoose: (key: string) => void }) {
  const before = gather(edges, 1);
  const after = gather(edges, 0);
  const label = new Map(nodes.map((line) => [line.key, line.label]));
  const told = (keys: readonly string[] | undefined) => keys?.map((key) => label.get(key) ?? key).join(", ") ?? "–";
  // oxlint-disable react/no-unstable-nested-components -- cells are drawn by plain functions
  return (
    <Table
      caption="Tasks in the order in which they run"
      rows={nodes}
      rowKey={(line) => line.key}
      columns={[
        {
          key: "task",
          title: "Task",
          cell: (line) => (
            <button type="button" className="plain cut" title={line.label} onClick={() => onChoose(line.key)}>
              {line.label}
            </button>
          ),
        },
        { key: "state", title: "State", cell: (line) => <Standing line={line} live={live} /> },
        { key: "rule", title: "Starts when", cell: (line) => (line.kind === "task" ? words(line.task.triggerRule) : "–") },
        { key: "group", title: "Group", cell: (line) => (line.kind === "task" ? (line.task.group ?? "–") : `${line.places.length} tasks`) },
        { key: "before", title: "After", cell: (line) => <span className="graph-names">{told(before.get(line.key))}</span> },
        { key: "after", title: "Before", cell: (line) => <span className="graph-names">{told(after.get(line.key))}</span> },
      ]}
    />
  );
}

function Standing({ line, live }: { line: Line; live: Live }) {
  const cell = useCell(live, line);
  return cell === undefined ? <span className="muted">–</span> : <State value={cell.state} word={cellWords(cell, line.kind === "group" ? "task" : "instance")} />;
}

function gather(edges: readonly (readonly [string, string])[], side: 0 | 1): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  edges.forEach((edge) => found.set(edge[side], [...(found.get(edge[side]) ?? []), edge[1 - side] as string]));
  return found;
}
