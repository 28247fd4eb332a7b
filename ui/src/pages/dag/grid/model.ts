/**
 * Structures of one or several revisions -> the rows of the grid.
 *
 * Order: that of the newest revision, which is the server's; a task that only older revisions have comes after the task
 * that it follows there. The tasks of a group stand together where its first one stands.
 */
import type { GridRow, Structure } from "../../../api/schema";

/** One task of the Dag, in any of the revisions on show. */
export type Task = GridRow & {
  /** Whether the revision that new runs take has it. */
  isCurrent: boolean;
};

export type TaskLine = { kind: "task"; key: string; label: string; depth: number; place: number; task: Task };
export type GroupLine = { kind: "group"; key: string; label: string; depth: number; group: string; places: readonly number[]; description: string | null };
export type Line = TaskLine | GroupLine;

export type Layout = {
  /** All tasks; a task's place here is where its states stand. */
  tasks: readonly Task[];
  places: ReadonlyMap<string, number>;
  /** Tasks and groups as they are shown, nothing collapsed. */
  lines: readonly Line[];
  /** By place: the groups around a task, the outermost first. */
  around: readonly (readonly string[])[];
  /** By revision: the place of each of its rows. */
  rows: ReadonlyMap<string, readonly number[]>;
  /** What the numbers among the states mean. */
  legend: readonly string[];
};

type Groups = ReadonlyMap<string, { group: string | null; description: string | null }>;
type Branch = { lines: (number | string)[] };

/** The rows of these revisions, the current one first. */
export function layoutOf(structures: readonly Structure[]): Layout {
  const tasks = mergedTasks(structures);
  const places = new Map(tasks.map((task, place) => [task.task, place]));
  const groups: Groups = new Map(structures.toReversed().flatMap((each) => each.groups.map((group) => [group.name, group])));
  const around = tasks.map((task) => groupsAround(task.group, groups));
  return {
    tasks,
    places,
    around,
    lines: linesOf(tasks, around, groups),
    rows: new Map(structures.map((each) => [each.revision, each.rows.map((row) => places.get(row.task) ?? -1)])),
    legend: structures[0]?.states ?? [],
  };
}

/** The lines that are shown: none below a collapsed group; with a text, those whose name has it and the groups around. */
export function visibleLines(layout: Layout, collapsed: ReadonlySet<string>, text = ""): readonly Line[] {
  const wanted = text.trim().toLowerCase();
  const kept = new Set(layout.tasks.flatMap((task, place) => (task.task.toLowerCase().includes(wanted) ? [place] : [])));
  return layout.lines.filter((line) => {
    if (line.kind === "task") {
      return kept.has(line.place) && !(layout.around[line.place] ?? []).some((group) => collapsed.has(group));
    }
    const first = line.places[0] ?? -1;
    const chain = layout.around[first] ?? [];
    const outer = chain.slice(0, chain.indexOf(line.group));
    return line.places.some((place) => kept.has(place)) && !outer.some((group) => collapsed.has(group));
  });
}

export function groupKey(group: string): string {
  return `group/${group}`;
}

function mergedTasks(structures: readonly Structure[]): readonly Task[] {
  const [current, ...older] = structures;
  const tasks: Task[] = (current?.rows ?? []).map((row) => ({ ...row, isCurrent: true }));
  const known = new Set(tasks.map((task) => task.task));
  for (const structure of older) {
    let after = -1;
    for (const row of structure.rows) {
      if (known.has(row.task)) {
        after = tasks.findIndex((task) => task.task === row.task);
      } else {
        after += 1;
        known.add(row.task);
        tasks.splice(after, 0, { ...row, isCurrent: false });
      }
    }
  }
  return tasks;
}

function groupsAround(group: string | null, groups: Groups): readonly string[] {
  const chain: string[] = [];
  for (let each = group; each !== null && !chain.includes(each); each = groups.get(each)?.group ?? null) {
    chain.unshift(each);
  }
  return chain;
}

function linesOf(tasks: readonly Task[], around: readonly (readonly string[])[], groups: Groups): readonly Line[] {
  const root: Branch = { lines: [] };
  const branches = new Map<string, Branch>();
  const members = new Map<string, number[]>();
  tasks.forEach((_, place) => {
    let branch = root;
    for (const group of around[place] ?? []) {
      let inner = branches.get(group);
      if (inner === undefined) {
        inner = { lines: [] };
        branches.set(group, inner);
        members.set(group, []);
        branch.lines.push(group);
      }
      members.get(group)?.push(place);
      branch = inner;
    }
    branch.lines.push(place);
  });
  const lines: Line[] = [];
  const walk = (branch: Branch, depth: number) => {
    for (const each of branch.lines) {
      if (typeof each === "number") {
        const task = tasks[each];
        if (task !== undefined) {
          lines.push({ kind: "task", key: task.task, label: task.task, depth, place: each, task });
        }
      } else {
        const places = members.get(each) ?? [];
        lines.push({ kind: "group", key: groupKey(each), label: each, depth, group: each, places, description: groups.get(each)?.description ?? null });
        walk(branches.get(each) ?? { lines: [] }, depth + 1);
      }
    }
  };
  walk(root, 0);
  return lines;
}
