/** What stands in the trigger form -> the body to send, the manifest to show, and the same as a command line. */
import { line } from "../../actions/commands";
import { isObject, type ParamField } from "../../actions/params/fields";
import type { Values } from "../../actions/params/values";
import { paramWords } from "../../actions/params/words";
import { asTime, TIME_FAULT } from "../../actions/times";
import type { Problem } from "../../api/problem";
import type { Trigger } from "../../api/schema";

export type About = { name: string; logicalDate: string; note: string };
export type AboutFaults = { [field in keyof About]?: string };

const CONFLICT = 409;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LONGEST_NOTE = 1000;

/** What can be seen to be wrong without asking the server. */
export function aboutFaults({ name, logicalDate, note }: About): AboutFaults {
  return {
    ...(name !== "" && !NAME.test(name) && { name: "Use small letters, digits and -, 63 at most, and a letter or digit at both ends." }),
    ...(logicalDate.trim() !== "" && asTime(logicalDate) === undefined && { logicalDate: TIME_FAULT }),
    ...(note.length > LONGEST_NOTE && { note: `It has ${note.length} characters; ${LONGEST_NOTE} are possible.` }),
  };
}

/** What the server says of the run's own fields: a taken name is told as a conflict. */
export function aboutProblem(problem: Problem | null, field: keyof About, { name }: About): string | undefined {
  const isTaken = field === "name" && name !== "" && problem?.status === CONFLICT && problem.body.detail.includes(name);
  return isTaken ? `${problem.body.detail}: choose another name.` : problem?.about(`/${field}`);
}

/** Whether all that the server says is shown beside the fields. */
export function isBesideFields(problem: Problem | null, about: About): boolean {
  const faults = problem?.body.errors ?? [];
  const isBeside = ({ pointer }: { pointer: string }) => pointer.startsWith("/params/") || pointer.slice(1) in about;
  return (faults.length > 0 && faults.every(isBeside)) || aboutProblem(problem, "name", about) !== undefined;
}

/** The body of the request; what is not given is left out. */
export function bodyOf(about: About, values: Values): Omit<Trigger, "dryRun"> & { params: Values } {
  const logicalDate = asTime(about.logicalDate);
  return {
    params: values,
    ...(about.name !== "" && { name: about.name }),
    ...(logicalDate !== undefined && { logicalDate }),
    ...(about.note.trim() !== "" && { note: about.note }),
  };
}

/** The manifest that the server would create, as one that can be created by hand: it signs and names its own. */
export function manifestOf(made: { [name: string]: unknown }, name: string, dag: string): { [name: string]: unknown } {
  const metadata = isObject(made["metadata"]) ? made["metadata"] : {};
  const rest = Object.fromEntries(Object.entries(metadata).filter(([field]) => field !== "annotations" && field !== "name"));
  const named = name === "" ? { generateName: `${dag.slice(0, 50)}-` } : { name };
  return { ...made, metadata: { ...named, ...rest } };
}

export function triggerCommand(ns: string, dag: string, about: About, values: Values, fields: readonly ParamField[]): string {
  const logicalDate = asTime(about.logicalDate);
  return line(
    "slipway",
    "trigger",
    "-n",
    ns,
    dag,
    ...paramWords(values, fields),
    ...(logicalDate === undefined ? [] : ["--logical-date", logicalDate]),
    ...(about.note.trim() === "" ? [] : ["--note", about.note]),
  );
}
