import type { PlanCounts } from "../../api/schema";

/** `12/40` and how many failed -> the parts of a bar. */
export type Progress = { done: number; all: number; failed: number; part: number };

/** Runs that a plan makes or clears. */
export function workOf(plan: PlanCounts): number {
  return (plan.create ?? 0) + (plan.reprocess ?? 0);
}

export function progressOf(text: string | null, failed: number): Progress | undefined {
  const [, done, all] = /^(\d+)\/(\d+)$/.exec(text ?? "") ?? [];
  if (done === undefined || all === undefined) {
    return undefined;
  }
  const [ended, whole] = [Number(done), Number(all)];
  return { done: ended, all: whole, failed: Math.min(failed, ended), part: whole === 0 ? 1 : Math.min(1, ended / whole) };
}
