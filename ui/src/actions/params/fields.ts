/** A param's JSON Schema -> the field of a form that asks for its value. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Schema = { [keyword: string]: Json };

/** What the field looks like; `json` takes whatever no other one can show. */
export type Kind = "text" | "lines" | "longtext" | "number" | "integer" | "boolean" | "choice" | "choices" | "date" | "json";

export type ParamField = {
  name: string;
  title: string;
  description: string;
  kind: Kind;
  schema: Schema;
  /** A run must give it: it has no default. */
  isRequired: boolean;
  isNullable: boolean;
  /** Undefined = none. */
  byDefault: Json | undefined;
  /** Of choice and choices. */
  options: readonly Json[];
  examples: readonly string[];
  /** What is allowed, in words: "1 to 100". */
  limits: string;
};

const LONG = 120;

/** The fields of a Dag's params, in the order in which it declares them. */
export function fieldsOf(params: { [name: string]: unknown } | undefined): ParamField[] {
  return Object.entries(params ?? {}).map(([name, declared]) => fieldOf(name, isObject(declared) ? declared : {}));
}

export function fieldOf(name: string, declared: Schema): ParamField {
  const { schema, isNullable } = withoutNull(declared);
  const options = optionsOf(schema);
  return {
    name,
    title: textOf(declared["title"]) || name,
    description: textOf(declared["description"]) || textOf(schema["description"]),
    kind: kindOf(schema, options, declared["default"]),
    schema: declared,
    isRequired: !("default" in declared),
    isNullable,
    byDefault: declared["default"],
    options,
    examples: Array.isArray(declared["examples"]) ? declared["examples"].filter((each) => typeof each === "string") : [],
    limits: limitsOf(schema),
  };
}

/** The schema of what is not null, and whether null is allowed beside it. */
function withoutNull(declared: Schema): { schema: Schema; isNullable: boolean } {
  const { type } = declared;
  if (Array.isArray(type) && type.includes("null")) {
    const rest = type.filter((each) => each !== "null");
    return { schema: { ...declared, type: rest.length === 1 ? (rest[0] ?? null) : rest }, isNullable: true };
  }
  const either = declared["anyOf"] ?? declared["oneOf"];
  if (Array.isArray(either)) {
    const rest = either.filter((each) => !(isObject(each) && each["type"] === "null"));
    const [only] = rest;
    if (rest.length === 1 && either.length === 2 && isObject(only)) {
      return { schema: { ...declared, ...only, anyOf: null, oneOf: null }, isNullable: true };
    }
  }
  return { schema: declared, isNullable: false };
}

function kindOf(schema: Schema, options: readonly Json[], byDefault: Json | undefined): Kind {
  const type = typeOf(schema, byDefault);
  if (type === "array") {
    return isChoices(schema) ? "choices" : isTexts(schema) ? "lines" : "json";
  }
  if (options.length > 0) {
    return "choice";
  }
  if (type === "string") {
    return textKind(schema, byDefault);
  }
  return type === "integer" || type === "number" || type === "boolean" ? type : "json";
}

function typeOf(schema: Schema, byDefault: Json | undefined): string | undefined {
  if (typeof schema["type"] === "string") {
    return schema["type"];
  }
  if (schema["type"] === undefined && !("$ref" in schema || schema["anyOf"] || schema["oneOf"] || schema["allOf"])) {
    return typeof byDefault === "string" || typeof byDefault === "boolean" || typeof byDefault === "number"
      ? typeof byDefault
      : undefined;
  }
  return undefined;
}

function textKind(schema: Schema, byDefault: Json | undefined): Kind {
  if (schema["format"] === "date") {
    return "date";
  }
  const isLong = typeof byDefault === "string" && (byDefault.includes("\n") || byDefault.length > LONG);
  return isLong || schema["format"] === "multiline" ? "longtext" : "text";
}

function optionsOf(schema: Schema): readonly Json[] {
  const items = isObject(schema["items"]) ? schema["items"] : {};
  const given = schema["type"] === "array" ? items["enum"] : (schema["enum"] ?? ("const" in schema ? [schema["const"] ?? null] : undefined));
  return Array.isArray(given) ? given : [];
}

function isChoices(schema: Schema): boolean {
  return schema["uniqueItems"] === true && isObject(schema["items"]) && Array.isArray(schema["items"]["enum"]);
}

/** A list of texts, whose items can be written one a line. */
function isTexts(schema: Schema): boolean {
  return isObject(schema["items"]) && schema["items"]["type"] === "string" && !("enum" in schema["items"]);
}

function limitsOf(schema: Schema): string {
  const told = [
    range(numberOf(schema["minimum"]), numberOf(schema["maximum"]), ""),
    over(schema["exclusiveMinimum"], "more than"),
    over(schema["exclusiveMaximum"], "less than"),
    over(schema["multipleOf"], "a multiple of"),
    range(numberOf(schema["minLength"]), numberOf(schema["maxLength"]), " characters"),
    range(numberOf(schema["minItems"]), numberOf(schema["maxItems"]), " items"),
    typeof schema["pattern"] === "string" ? `matches ${schema["pattern"]}` : "",
    typeof schema["format"] === "string" ? (FORMATS.get(schema["format"]) ?? schema["format"]) : "",
  ];
  return told.filter((each) => each !== "").join(", ");
}

const FORMATS = new Map(Object.entries({
  date: "a date",
  "date-time": "a time with an offset, such as 2026-01-31T06:00:00Z",
  time: "a time of day with an offset, such as 06:00:00Z",
  duration: "a span such as P1DT2H",
  email: "an e-mail address",
  uri: "a URL",
  multiline: "",
}));

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) {
    return `${least} to ${most}${unit}`;
  }
  return least !== undefined ? `at least ${least}${unit}` : most !== undefined ? `at most ${most}${unit}` : "";
}

function over(bound: Json | undefined, words: string): string {
  return typeof bound === "number" ? `${words} ${bound}` : "";
}

export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
