/** What a dialog asks for -> the `slipway` line that asks for the same. */
import { shellWord } from "../format";
import type { MarkedState } from "../api/schema";
import type { Range } from "./range";

/** What is to be touched in a run. */
export type Scope = {
  /** None = the whole run. */
  tasks: readonly string[];
  upstream: boolean;
  downstream: boolean;
  onlyFailed: boolean;
};

/** Words for a shell, each quoted where it must be; empty ones are left out. */
export function line(...words: readonly (string | false | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== false && word !== "").map((word) => shellWord(word as string)).join(" ");
}

export function clearCommand(ns: string, run: string, scope: Scope, range: Range): string {
  const failed = scope.onlyFailed && "--only-failed";
  return line("slipway", "clear", "-n", ns, run, ...scope.tasks, ...around(scope), failed, ...beside(range));
}

export function markCommand(ns: string, run: string, scope: Scope, state: MarkedState, range: Range): string {
  return line("slipway", "mark", "-n", ns, run, ...scope.tasks, state, ...around(scope), ...beside(range));
}

export function cancelCommand(ns: string, run: string, force: boolean): string {
  return line("slipway", "cancel", "-n", ns, run, force && "--force");
}

function beside({ past, future }: Range): (string | false)[] {
  return [past && "--past", future && "--future"];
}

function around({ upstream, downstream }: Scope): (string | false)[] {
  return [upstream && "--upstream", downstream && "--downstream"];
}
