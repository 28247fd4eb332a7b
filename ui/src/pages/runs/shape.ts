/** The filters of runs: those of GET /runs, by the same names. */
import type { RunsFilter, RunState, RunType } from "../../api/schema";
import type { Values } from "../../parts/useFilters";

export const SHAPE = { state: "many", type: "many", dag: "text", after: "text", before: "text", label: "many", deleted: "flag" } as const;
export const STATES: readonly RunState[] = ["Queued", "Running", "Success", "Failed"];
export const TYPES: readonly RunType[] = ["scheduled", "manual", "backfill", "asset_triggered", "operator_triggered"];

/** What the API is asked; words of the address that it does not know are left out. */
export function queryOf(values: Values<typeof SHAPE>, namespace: string | undefined) {
  return {
    state: STATES.filter((state) => values.state.includes(state)),
    type: TYPES.filter((type) => values.type.includes(type)),
    label: [...values.label],
    ...(values.dag !== undefined && { dag: values.dag }),
    ...(values.after !== undefined && { after: values.after }),
    ...(values.before !== undefined && { before: values.before }),
    ...(values.deleted !== undefined && { deleted: values.deleted }),
    ...(namespace !== undefined && { namespace }),
  } satisfies RunsFilter;
}

/** `team=data` as the API takes a label; null = it is none. */
export function labelOf(text: string): string | null {
  const typed = text.trim();
  return /^[^=\s]+=[^=\s]*$/.test(typed) ? typed : null;
}
