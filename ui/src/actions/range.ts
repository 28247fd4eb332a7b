/** Over which runs an action goes, and what a dry run tells: that of one run has the shape of that of several. */
import type { BulkRun, Done } from "../api/schema";
import { count } from "../format";

/** Beside the run itself: those of its Dag that are about earlier times, and those about later ones. */
export type Range = { past: boolean; future: boolean };
export type Told = { items: readonly BulkRun[]; token?: string | null | undefined };

export const ALONE: Range = { past: false, future: false };

export function isAlone({ past, future }: Range): boolean {
  return !past && !future;
}

export async function ofOne(answer: Promise<{ data?: Done | undefined }>): Promise<{ data?: Told | undefined }> {
  const done = (await answer).data;
  if (done === undefined) {
    return {};
  }
  return { data: { items: [{ namespace: done.namespace, run: done.name, outcome: done, problem: null }], token: done.token } };
}

/** The runs that are touched. A clear or a mark that reaches no task does nothing, but to mark a run as a whole. */
export function reached(told: Told, whole = false): readonly BulkRun[] {
  return told.items.filter(({ outcome }) => outcome !== null && (whole || instancesOf(outcome).length > 0));
}

/** Why it is not possible for some. */
export function refused(told: Told): readonly BulkRun[] {
  return told.items.filter(({ problem }) => problem !== null);
}

/** Every instance that is touched, those to be marked first; of several runs each with its run. */
export function touched(told: Told): string[] {
  const isOne = told.items.length === 1;
  return told.items.flatMap(({ run, outcome }) => {
    const instances = outcome === null ? [] : instancesOf(outcome);
    return isOne ? instances : [`${run}:`, ...instances.map((each) => `${run}: ${each}`)];
  });
}

export function number(told: Told, of: "cleared" | "marked"): number {
  return told.items.reduce((sum, { outcome }) => sum + (outcome?.[of]?.length ?? 0), 0);
}

/** `etl-1`, `12 runs`. */
export function runsIn(told: Told, whole = false): string {
  const [first, ...others] = reached(told, whole);
  return others.length === 0 && first !== undefined ? first.run : count(reached(told, whole).length, "run");
}

/** What is said besides, where it did not work for all. */
export function butNot(told: Told): string {
  const left = refused(told).length;
  return left === 0 ? "" : `; not possible for ${count(left, "run")}`;
}

export function instancesOf(done: Done): string[] {
  return [...(done.marked ?? []), ...(done.cleared ?? [])];
}
