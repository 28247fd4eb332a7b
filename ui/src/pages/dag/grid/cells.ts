/** What one cell of the grid shows: a state, or how many stand in which. */
import { count } from "../../../format";
import { lookOf } from "../../../parts/State";

/** As the API tells it: a place in the legend, counts by such places, null = not begun; undefined = not in this version. */
export type Raw = number | Readonly<Record<string, number>> | null | undefined;

export type Cell = {
  /** null = not begun, undefined = the run's version has no such task. */
  state: string | null | undefined;
  /** Of a mapped task or a group: how many stand in each state. */
  counts: ReadonlyMap<string, number> | null;
  /** The number of the newest attempt where it is not the first. */
  tried: number;
};

/** Which of several states stands for all: what needs a look first. */
const WORST = [
  "Failed",
  "UpstreamFailed",
  "UpForRetry",
  "Running",
  "Deferred",
  "Queued",
  "Scheduled",
  "None",
  "Success",
  "Skipped",
  "Removed",
];
export const ABSENT: Cell = { state: undefined, counts: null, tried: 1 };

export function cellOf(raw: Raw, legend: readonly string[], tried = 1): Cell {
  if (raw === undefined) {
    return ABSENT;
  }
  if (raw === null || typeof raw === "number") {
    return { state: raw === null ? null : (legend[raw] ?? null), counts: null, tried };
  }
  const counts = new Map(Object.entries(raw).map(([place, number]) => [legend[Number(place)] ?? "None", number]));
  return { state: worst(counts.keys()), counts, tried };
}

/** The summary of a group's tasks: each task counts once, a mapped one by what stands for it. */
export function groupCell(cells: readonly Cell[]): Cell {
  const counts = new Map<string, number>();
  let tried = 1;
  for (const cell of cells) {
    if (cell.state !== undefined) {
      const state = cell.state ?? "None";
      counts.set(state, (counts.get(state) ?? 0) + 1);
      tried = Math.max(tried, cell.tried);
    }
  }
  if (counts.size === 0) {
    return ABSENT;
  }
  const state = worst(counts.keys());
  return { state: state === "None" ? null : state, counts, tried };
}

function worst(states: Iterable<string>): string {
  const all = [...states];
  return WORST.find((state) => all.includes(state)) ?? all[0] ?? "None";
}

/** `failed, try 2`, `12 instances: 10 success, 2 failed`, `not begun`. */
export function cellWords(cell: Cell, one: "instance" | "task"): string {
  if (cell.state === undefined) {
    return "not in this version";
  }
  const tried = cell.tried > 1 ? `, try ${cell.tried}` : "";
  return cell.counts === null ? lookOf(cell.state).word + tried : `${count(totalOf(cell), one)}: ${countWords(cell.counts)}${tried}`;
}

export function countWords(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([state, number]) => `${number.toLocaleString("en")} ${lookOf(state).word}`).join(", ");
}

export function totalOf(cell: Cell): number {
  return cell.counts === null ? 1 : [...cell.counts.values()].reduce((total, number) => total + number, 0);
}

/** A number for a narrow box: `7`, `420`, `12k`. */
export function shortCount(number: number): string {
  return number < 1000 ? String(number) : `${Math.floor(number / 1000)}k`;
}
