/** What goes with an object that is deleted -> words: `5 TaskRuns and 2 Pods`. */
import { count } from "../format";

export function alongWords(along: { [kind: string]: number } | undefined): string {
  const told = Object.entries(along ?? {}).map(([kind, number]) => count(number, kind));
  const last = told.pop();
  return told.length === 0 ? (last ?? "") : `${told.join(", ")} and ${last}`;
}

/** The same of several. */
export function added(several: readonly ({ [kind: string]: number } | undefined)[]): { [kind: string]: number } {
  const sum: { [kind: string]: number } = {};
  for (const [kind, number] of several.flatMap((along) => Object.entries(along ?? {}))) {
    sum[kind] = (sum[kind] ?? 0) + number;
  }
  return sum;
}
