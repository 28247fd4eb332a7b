/** The tasks of a Dag, what is folded and what is asked for -> the nodes and edges of its graph. */
import { groupKey, type Layout, type Line } from "../grid/model";

/** With more tasks than these the groups begin folded; more nodes than the second are not drawn. */
export const FOLD_OVER = 500;
export const DRAW_AT_MOST = 1000;

export type Walk = "up" | "down" | "both";
export type Wish = {
  folded: ReadonlySet<string>;
  /** Only the tasks of this group. */
  group?: string | undefined;
  /** Only what can be reached from this task or group. */
  from?: string | undefined;
  walk: Walk;
  /** How many steps; undefined = as far as it goes. */
  depth?: number | undefined;
};
export type Picture = { nodes: readonly Line[]; edges: readonly (readonly [string, string])[] };

export function pictureOf(layout: Layout, wish: Wish): Picture {
  const lines = new Map(layout.lines.map((line) => [line.key, line]));
  const keys = layout.tasks.map((task, place) => keyOf(task.task, layout.around[place] ?? [], wish));
  const edges = new Map<string, readonly [string, string]>();
  layout.tasks.forEach((task, place) => {
    const to = keys[place];
    for (const before of task.dependsOn) {
      const from = keys[layout.places.get(before) ?? -1];
      if (from !== undefined && to !== undefined && from !== to) {
        edges.set(`${from}\n${to}`, [from, to]);
      }
    }
  });
  const shown = reached(new Set(keys.filter((key) => key !== undefined)), [...edges.values()], wish);
  return {
    nodes: [...shown].flatMap((key) => lines.get(key) ?? []),
    edges: [...edges.values()].filter(([from, to]) => shown.has(from) && shown.has(to)),
  };
}

/** The node that shows a task: itself, or the outermost folded group around it. */
function keyOf(task: string, around: readonly string[], { folded, group }: Wish): string | undefined {
  if (group !== undefined && !around.includes(group)) {
    return undefined;
  }
  const inside = group === undefined ? around : around.slice(around.indexOf(group) + 1);
  const fold = inside.find((each) => folded.has(each));
  return fold === undefined ? task : groupKey(fold);
}

function reached(all: ReadonlySet<string>, edges: Picture["edges"], { from, walk, depth }: Wish): ReadonlySet<string> {
  const start = from !== undefined && all.has(from) ? from : from === undefined ? undefined : groupKey(from);
  if (start === undefined || !all.has(start)) {
    return all;
  }
  const found = new Set([start]);
  if (walk !== "down") {
    steps(start, nextTo(edges, 1), depth).forEach((each) => found.add(each));
  }
  if (walk !== "up") {
    steps(start, nextTo(edges, 0), depth).forEach((each) => found.add(each));
  }
  // In the order of all, so that the picture of the same nodes is the same.
  return new Set([...all].filter((each) => found.has(each)));
}

function nextTo(edges: Picture["edges"], side: 0 | 1): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    next.set(edge[side], [...(next.get(edge[side]) ?? []), edge[1 - side] as string]);
  }
  return next;
}

function steps(start: string, next: ReadonlyMap<string, readonly string[]>, depth = Number.POSITIVE_INFINITY): ReadonlySet<string> {
  const found = new Set([start]);
  let edge = [start];
  for (let step = 0; step < depth && edge.length > 0; step += 1) {
    edge = edge.flatMap((each) => next.get(each) ?? []).filter((each) => !found.has(each) && found.add(each));
  }
  return found;
}

/** What names a picture: the same name, the same layout. */
export function nameOf(revision: string, direction: string, picture: Picture): string {
  return `${revision} ${direction} ${picture.nodes.map((node) => node.key).join(" ")}`;
}
