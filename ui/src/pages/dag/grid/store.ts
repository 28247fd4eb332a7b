/**
 * The states of the grid, kept outside of React: a change of one task draws its row, and those of the groups around it,
 * and nothing else.
 *
 *   seed     all states of a run, as fetched
 *   patch    one task of one run, as the event stream tells
 *
 * A fetch that was asked before a patch came may know less than the patch: what is newer is put on top again.
 */
import { cellOf, groupCell, type Cell, type Raw } from "./cells";
import { groupKey, type Layout, type Line } from "./model";

export type Told = { run: string; revision: string | null; states: readonly Raw[]; tries: Readonly<Record<string, number>> };
export type Patch = { run: string; task: string; state: string; attempt: number };

type Column = { states: Raw[]; tries: Map<number, number> };
type Kept = Patch & { at: number };

const NOTHING: Layout = { tasks: [], places: new Map(), lines: [], around: [], rows: new Map(), legend: [] };

export class GridStore {
  private layout: Layout = NOTHING;
  private columns = new Map<string, Column>();
  private readonly versions = new Map<string, number>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly patches = new Map<string, Kept>();
  private readonly changed = new Set<string>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Take these rows; the states of another layout are forgotten. */
  takeLayout(layout: Layout): void {
    if (layout !== this.layout) {
      this.layout = layout;
      this.columns = new Map();
    }
  }

  /** Take what was fetched; `askedAt` is when. Rows are told by `flush`. */
  seed(told: readonly Told[], askedAt: number): void {
    for (const each of told) {
      this.seedRun(each);
    }
    const runs = new Set(told.map((each) => each.run));
    for (const [key, kept] of this.patches) {
      if (!runs.has(kept.run)) {
        continue;
      }
      if (kept.at <= askedAt) {
        this.patches.delete(key);
      } else {
        this.apply(kept);
      }
    }
  }

  /** Take what the event stream tells, and tell the rows. */
  patch(patches: readonly Patch[]): void {
    const at = this.clock();
    for (const patch of patches) {
      this.patches.set(`${patch.run}/${patch.task}`, { ...patch, at });
      this.apply(patch);
    }
    this.flush();
  }

  /** Tell the rows that have changed. */
  flush(): void {
    const changed = [...this.changed];
    this.changed.clear();
    for (const key of changed) {
      this.watchers.get(key)?.forEach((watcher) => watcher());
    }
  }

  watch(key: string, watcher: () => void): () => void {
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  version(key: string): number {
    return this.versions.get(key) ?? 0;
  }

  has(run: string): boolean {
    return this.columns.has(run);
  }

  cell(line: Line, run: string): Cell {
    return line.kind === "task" ? this.cellAt(line.place, run) : groupCell(line.places.map((place) => this.cellAt(place, run)));
  }

  private cellAt(place: number, run: string): Cell {
    const column = this.columns.get(run);
    return cellOf(column?.states[place], this.layout.legend, column?.tries.get(place) ?? 1);
  }

  private seedRun({ run, revision, states, tries }: Told): void {
    const { tasks, rows } = this.layout;
    const before = this.columns.get(run);
    const column: Column = { states: Array.from({ length: tasks.length }), tries: new Map() };
    const places = revision === null ? undefined : rows.get(revision);
    if (places === undefined) {
      tasks.forEach((task, place) => (column.states[place] = task.isCurrent ? null : undefined));
    } else {
      places.forEach((place, row) => (column.states[place] = states[row] ?? null));
      Object.entries(tries).forEach(([row, tried]) => column.tries.set(places[Number(row)] ?? -1, tried));
    }
    this.columns.set(run, column);
    tasks.forEach((_, place) => {
      if (!isSame(before?.states[place], column.states[place]) || before?.tries.get(place) !== column.tries.get(place)) {
        this.bump(place);
      }
    });
  }

  private apply({ run, task, state, attempt }: Patch): void {
    const place = this.layout.places.get(task);
    const column = this.columns.get(run);
    const number = this.layout.legend.indexOf(state);
    if (place === undefined || column === undefined || number < 0 || column.states[place] === undefined) {
      return;
    }
    if (column.states[place] !== number || (column.tries.get(place) ?? 1) !== Math.max(1, attempt)) {
      column.states[place] = number;
      column.tries.set(place, Math.max(1, attempt));
      this.bump(place);
    }
  }

  private bump(place: number): void {
    const task = this.layout.tasks[place]?.task ?? "";
    for (const key of [task, ...(this.layout.around[place] ?? []).map(groupKey)]) {
      this.changed.add(key);
      this.versions.set(key, this.version(key) + 1);
    }
  }
}

function isSame(one: Raw, other: Raw): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other;
  }
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
