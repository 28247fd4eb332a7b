/** What is written in the fields -> the values to send, or what is wrong with which field; and back. */
import { isObject, numberOf, type Json, type ParamField, type Schema } from "./fields";

/** What stands in each field, as text; a choice is the place of its option, a tick is "true" or "false". */
export type Drafts = { readonly [name: string]: string };
export type Values = { [name: string]: Json };
export type Faults = { [name: string]: string };

/** Nothing yet, by names that a user has chosen: such as `constructor`, which every plain object seems to have. */
export function byName<T>(): { [name: string]: T } {
  return Object.create(null) as { [name: string]: T };
}

/** What a field shows at first, or for values of an earlier run. */
export function draftsOf(fields: readonly ParamField[], values: Values = {}): Drafts {
  return Object.fromEntries(fields.map((field) => [field.name, draftOf(field, Object.hasOwn(values, field.name) ? values[field.name] : field.byDefault)]));
}

export function draftOf(field: ParamField, value: Json | undefined): string {
  if (value === undefined || (value === null && field.kind !== "json" && field.kind !== "choice")) {
    return "";
  }
  switch (field.kind) {
    case "choice":
      return placeOf(field.options, value);
    case "choices":
      return Array.isArray(value) ? value.map((each) => placeOf(field.options, each)).join(",") : "";
    case "lines":
      return Array.isArray(value) ? value.join("\n") : "";
    case "json":
      return JSON.stringify(value, null, 2);
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** The values that differ from the defaults, and the faults that can be seen here; the server looks at the rest. */
export function readDrafts(fields: readonly ParamField[], drafts: Drafts): { values: Values; faults: Faults } {
  const values = byName<Json>();
  const faults = byName<string>();
  for (const field of fields) {
    const read = readDraft(field, drafts[field.name] ?? "");
    const fault = read.fault ?? (read.value === undefined ? missing(field) : faultOf(field, read.value));
    if (fault !== undefined) {
      faults[field.name] = fault;
    } else if (read.value !== undefined && !isSame(read.value, field.byDefault)) {
      values[field.name] = read.value;
    }
  }
  return { values, faults };
}

/** Values as JSON text -> the object, or what is wrong with the text. */
export function readJson(text: string): { values: Values; fault?: string } {
  if (text.trim() === "") {
    return { values: {} };
  }
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read) ? { values: read } : { values: {}, fault: 'Write one JSON object, such as {"day": "2026-01-31"}.' };
  } catch (error) {
    return { values: {}, fault: `This is no JSON: ${(error as Error).message}.` };
  }
}

/** Values without those that are the default anyway. */
export function withoutDefaults(fields: readonly ParamField[], values: Values): Values {
  const defaults = new Map(fields.map((field) => [field.name, field.byDefault]));
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !isSame(value, defaults.get(name))));
}

/** All values that a run would work with. */
export function withDefaults(fields: readonly ParamField[], values: Values): Values {
  const all = Object.fromEntries(fields.filter((field) => field.byDefault !== undefined).map((field) => [field.name, field.byDefault as Json]));
  return { ...all, ...values };
}

type Read = { value?: Json; fault?: string };

function readDraft(field: ParamField, draft: string): Read {
  const text = draft.trim();
  switch (field.kind) {
    case "text":
    case "longtext":
      return draft === "" ? empty(field) : { value: draft };
    case "date":
      return text === "" ? none(field) : { value: text };
    case "integer":
    case "number":
      return text === "" ? none(field) : readNumber(text);
    case "boolean":
      return text === "" ? none(field) : { value: text === "true" };
    case "choice":
      return text === "" ? none(field) : optionAt(field, text);
    case "choices":
      return { value: text === "" ? [] : text.split(",").map((place) => field.options[Number(place)] ?? null) };
    case "lines":
      return draft === "" && field.isRequired ? {} : { value: draft === "" ? [] : draft.replace(/\n$/, "").split("\n") };
    case "json":
      return text === "" ? none(field) : readAny(text);
  }
}

/** Nothing is written: null where that is allowed, else the value is not given. */
function none(field: ParamField): Read {
  return field.isNullable ? { value: null } : {};
}

/** An empty text is a value of its own, unless a run must give one. */
function empty(field: ParamField): Read {
  return field.isNullable ? { value: null } : field.isRequired ? {} : { value: "" };
}

function missing(field: ParamField): string | undefined {
  return field.isRequired ? "A value is needed: the Dag has no default for it." : undefined;
}

function readNumber(text: string): Read {
  const value = Number(text);
  return Number.isFinite(value) ? { value } : { fault: "Write a number." };
}

function optionAt(field: ParamField, place: string): Read {
  const value = field.options[Number(place)];
  return value === undefined ? { fault: "Choose one of the list." } : { value };
}

function readAny(text: string): Read {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: `This is no JSON: ${(error as Error).message}.` };
  }
}

// ---- what can be judged here ----------------------------------------------------------------------------------------

function faultOf({ schema, isNullable }: ParamField, value: Json): string | undefined {
  if (value === null && isNullable) {
    return undefined;
  }
  if (typeof value === "number") {
    return numberFault(schema, value);
  }
  if (typeof value === "string") {
    return textFault(schema, value);
  }
  return Array.isArray(value) ? listFault(schema, value) : undefined;
}

function numberFault(schema: Schema, value: number): string | undefined {
  const [least, most] = [numberOf(schema["minimum"]), numberOf(schema["maximum"])];
  const [over, under, step] = [numberOf(schema["exclusiveMinimum"]), numberOf(schema["exclusiveMaximum"]), numberOf(schema["multipleOf"])];
  const type = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  if (type.includes("integer") && !type.includes("number") && !Number.isInteger(value)) {
    return "Write a whole number.";
  }
  if ((least !== undefined && value < least) || (most !== undefined && value > most)) {
    return outside(least, most, "It must be", "");
  }
  if ((over !== undefined && value <= over) || (under !== undefined && value >= under)) {
    return `It must be ${over !== undefined ? `more than ${over}` : ""}${over !== undefined && under !== undefined ? " and " : ""}${under !== undefined ? `less than ${under}` : ""}.`;
  }
  return step !== undefined && Number.isInteger(step) && value % step !== 0 ? `It must be a multiple of ${step}.` : undefined;
}

function textFault(schema: Schema, value: string): string | undefined {
  const [least, most] = [numberOf(schema["minLength"]), numberOf(schema["maxLength"])];
  const length = [...value].length;
  if ((least !== undefined && length < least) || (most !== undefined && length > most)) {
    return outside(least, most, "It must have", " characters");
  }
  if (typeof schema["pattern"] === "string" && !fits(schema["pattern"], value)) {
    return `It must match ${schema["pattern"]}.`;
  }
  return undefined;
}

function listFault(schema: Schema, value: readonly Json[]): string | undefined {
  const [least, most] = [numberOf(schema["minItems"]), numberOf(schema["maxItems"])];
  if ((least !== undefined && value.length < least) || (most !== undefined && value.length > most)) {
    return outside(least, most, "It must have", " items");
  }
  return undefined;
}

function outside(least: number | undefined, most: number | undefined, words: string, unit: string): string {
  if (least !== undefined && most !== undefined) {
    return `${words} ${least} to ${most}${unit}.`;
  }
  return least !== undefined ? `${words} at least ${least}${unit}.` : `${words} at most ${most}${unit}.`;
}

/** Patterns of Python that a browser does not know are left to the server. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function placeOf(options: readonly Json[], value: Json): string {
  const place = options.findIndex((option) => isSame(option, value));
  return place === -1 ? "" : String(place);
}

/** Equal as JSON; the order of an object's fields does not count. */
export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return one !== undefined && other !== undefined && canonical(one) === canonical(other);
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_, each: Json) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}
