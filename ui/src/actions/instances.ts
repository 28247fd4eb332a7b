/** Lists of task instances -> how they are told, and how two of them differ. */

export type Gathered = {
  task: string;
  /** Which of a mapped task, such as `0–4, 7`; empty for a task that is not mapped. */
  indices: string;
  count: number;
};

const INSTANCE = /^(.*)\[(\d+)\]$/;

/** `["load[0]", "load[1]", "report"]` -> `load 0–1` and `report`, in their order. */
export function gathered(instances: readonly string[]): Gathered[] {
  const found = new Map<string, number[]>();
  for (const instance of instances) {
    const [, task = instance, index] = INSTANCE.exec(instance) ?? [];
    const indices = found.get(task) ?? [];
    if (index !== undefined) {
      indices.push(Number(index));
    }
    found.set(task, indices);
  }
  return [...found].map(([task, indices]) => ({ task, indices: ranges(indices), count: Math.max(1, indices.length) }));
}

function ranges(indices: readonly number[]): string {
  const told: [number, number][] = [];
  for (const index of indices.toSorted((a, b) => a - b)) {
    const last = told.at(-1);
    if (last !== undefined && index === last[1] + 1) {
      last[1] = index;
    } else {
      told.push([index, index]);
    }
  }
  return told.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
}

export type Change = { added: string[]; gone: string[] };

/** What a new list has that the old one had not, and the other way round. */
export function changeOf(before: readonly string[], after: readonly string[]): Change {
  const old = new Set(before);
  const now = new Set(after);
  return { added: after.filter((each) => !old.has(each)), gone: before.filter((each) => !now.has(each)) };
}
