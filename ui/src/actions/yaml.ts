/** JSON -> YAML that every parser reads as the same, for a manifest to look at and to copy. */
import { isObject } from "./params/fields";

/** Letters, digits and harmless signs, which begin and end with none that YAML reads in another way. */
const PLAIN = /^[A-Za-z_/](?:[\w ./@+-]*[\w/-])?$/;
/** Words that YAML 1.1 or 1.2 takes for something else than text. */
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;

export function yaml(value: unknown): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((each) => item(each));
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, each]) => entry(name, each));
  }
  return [scalar(value)];
}

function item(value: unknown): string[] {
  const [first = "", ...rest] = lines(value);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function entry(name: string, value: unknown): string[] {
  const key = text(name);
  if (typeof value === "string" && isBlock(value)) {
    const { mark, body } = block(value);
    return [`${key}: |${mark}`, ...body.map((line) => (line === "" ? "" : `  ${line}`))];
  }
  if (isNested(value)) {
    return [`${key}:`, ...lines(value).map((line) => `  ${line}`)];
  }
  return [`${key}: ${scalar(value)}`];
}

function isNested(value: unknown): boolean {
  return (Array.isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);
}

/** A text of several lines that a block shows as it is. */
function isBlock(value: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return value.includes("\n") && !/^[\n ]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\n\n$/.test(value) && value.trim() !== "";
}

function block(value: string): { mark: string; body: string[] } {
  const ends = value.endsWith("\n");
  return { mark: ends ? "" : "-", body: (ends ? value.slice(0, -1) : value).split("\n") };
}

function scalar(value: unknown): string {
  if (typeof value === "string") {
    return text(value);
  }
  return JSON.stringify(value ?? null);
}

/** A JSON string is a YAML string as well. */
function text(value: string): string {
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}
