/** What every view of a Dag is given. */
import type { DagLine } from "../../api/schema";

export type ViewProps = {
  ns: string;
  dag: DagLine;
  /** Tell the frame when the view's data came. */
  onFresh: (updatedAt: number) => void;
};

/** What is chosen, in the address; a view's own filters stand beside it. */
export const CHOSEN = { run: "text", task: "text", group: "text", index: "text" } as const;

export const VIEWS = [
  ["grid", "Grid"],
  ["graph", "Graph"],
  ["gantt", "Gantt"],
  ["calendar", "Calendar"],
  ["runs", "Runs"],
  ["revisions", "Revisions"],
  ["details", "Details"],
] as const;
