/** Small structures for tests. */
import type { Structure } from "../../../api/schema";

export const LEGEND = ["Scheduled", "Running", "Success", "Failed"];

const WRITTEN = /^(?<task>[\w-]+)(?<star>\*)?(?:@(?<group>[\w-]+))?(?:<(?<before>.*))?$/;

/** Tasks written `name`, `name@group`, `name*` for a mapped one, or `name<before,other`; groups by the group around them. */
export function structure(revision: string, tasks: readonly string[], around: Readonly<Record<string, string>> = {}): Structure {
  const rows = tasks.map((written) => {
    const { task = "", star, group, before } = WRITTEN.exec(written)?.groups ?? {};
    return {
      task,
      kind: "pod",
      group: group ?? null,
      mapped: star !== undefined,
      dependsOn: before === undefined ? [] : before.split(","),
      triggerRule: "all_success",
      role: "work",
    };
  });
  const names = new Set([...rows.flatMap((row) => row.group ?? []), ...Object.keys(around), ...Object.values(around)]);
  const groups = [...names].map((name) => ({ name, group: around[name] ?? null, description: null, mapped: false }));
  return { revision, rows, groups, states: LEGEND, faults: [] };
}
