/** What stands in the form of a new backfill -> the body to send, what is wrong with it, and the same as a command line. */
import { line } from "../../actions/commands";
import type { ParamField } from "../../actions/params/fields";
import type { Values } from "../../actions/params/values";
import { paramWords } from "../../actions/params/words";
import { asTime, TIME_FAULT } from "../../actions/times";
import type { Problem } from "../../api/problem";
import type { NewBackfill, Reprocess } from "../../api/schema";

export type Draft = {
  from: string;
  to: string;
  reprocess: Reprocess;
  gaps: boolean;
  maxActiveRuns: string;
  runBackwards: boolean;
  approval: boolean;
  note: string;
  name: string;
};
export type Faults = { [field in keyof Draft]?: string };
export type Body = Omit<NewBackfill, "dryRun">;

export const NOTHING: Draft = {
  from: "",
  to: "",
  reprocess: "none",
  gaps: false,
  maxActiveRuns: "10",
  runBackwards: false,
  approval: false,
  note: "",
  name: "",
};

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MOST_ACTIVE = 1000;
const LONGEST_NOTE = 1000;

/** What can be seen to be wrong; a time that is not written yet is no fault. */
export function faultsOf(draft: Draft): Faults {
  const [from, to] = [asTime(draft.from), asTime(draft.to)];
  const active = Number(draft.maxActiveRuns);
  const isBackwards = from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to);
  return {
    ...(draft.from.trim() !== "" && from === undefined && { from: TIME_FAULT }),
    ...(draft.to.trim() !== "" && to === undefined && { to: TIME_FAULT }),
    ...(isBackwards && { to: "It must not be before the first." }),
    ...((!Number.isInteger(active) || active < 1 || active > MOST_ACTIVE) && { maxActiveRuns: `Write a whole number, 1 to ${MOST_ACTIVE}.` }),
    ...(draft.gaps && draft.reprocess !== "none" && { gaps: "Intervals without a run have none to run again: choose one of the two." }),
    ...(draft.name !== "" && !NAME.test(draft.name) && { name: "Use small letters, digits and -, 63 at most, and a letter or digit at both ends." }),
    ...(draft.note.length > LONGEST_NOTE && { note: `It has ${draft.note.length} characters; ${LONGEST_NOTE} are possible.` }),
  };
}

/** The body; undefined as long as the range is not whole. */
export function bodyOf(draft: Draft, params: Values): Body | undefined {
  const [from, to] = [asTime(draft.from), asTime(draft.to)];
  if (from === undefined || to === undefined) {
    return undefined;
  }
  return {
    from,
    to,
    reprocess: draft.reprocess,
    gaps: draft.gaps,
    maxActiveRuns: Number(draft.maxActiveRuns),
    runBackwards: draft.runBackwards,
    approval: draft.approval,
    params,
    ...(draft.note.trim() !== "" && { note: draft.note }),
    ...(draft.name !== "" && { name: draft.name }),
  };
}

/** Whether all that the server says is shown beside the fields. */
export function isBesideFields(problem: Problem | null): boolean {
  const faults = problem?.body.errors ?? [];
  return faults.length > 0 && faults.every(({ pointer }) => pointer.startsWith("/params/") || pointer.slice(1) in NOTHING);
}

export function createCommand(ns: string, dag: string, draft: Draft, params: Values, fields: readonly ParamField[]): string {
  return line(
    "slipway",
    "backfill",
    "create",
    "-n",
    ns,
    dag,
    "--from-date",
    asTime(draft.from) ?? "T",
    "--to-date",
    asTime(draft.to) ?? "T",
    ...(draft.reprocess === "none" ? [] : ["--reprocess", draft.reprocess]),
    draft.gaps && "--gaps",
    ...(draft.maxActiveRuns === NOTHING.maxActiveRuns ? [] : ["--max-active-runs", draft.maxActiveRuns]),
    draft.runBackwards && "--run-backwards",
    ...paramWords(params, fields),
    draft.approval && "--plan-only",
    ...(draft.name === "" ? [] : ["--name", draft.name]),
  );
}
