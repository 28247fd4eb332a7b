import { describe, expect, it } from "vitest";
import { Problem } from "../../api/problem";
import { fieldOf, fieldsOf } from "./fields";
import { aboutParam } from "./ParamsForm";
import { draftsOf, readDrafts, readJson, withDefaults, withoutDefaults } from "./values";

it("takes params of any name, also those that plain objects seem to have", () => {
  const declared = JSON.parse('{"__proto__": {"type": "string"}, "constructor": {"type": "string", "format": "constructor"}}') as Record<string, unknown>;
  const fields = fieldsOf(declared);
  expect(draftsOf(fields)).toEqual(JSON.parse('{"__proto__": "", "constructor": ""}'));
  const read = readDrafts(fields, { ["__proto__"]: "a", constructor: "" });
  expect(JSON.stringify(read.values)).toBe('{"__proto__":"a"}');
  expect(Object.entries(read.faults)).toEqual([["constructor", "A value is needed: the Dag has no default for it."]]);
  expect(Object.entries(readDrafts([], {}).faults)).toEqual([]);
  expect(readDrafts([], {}).faults["constructor"]).toBeUndefined();
  expect(fields[1]?.limits).toBe("constructor");
});

describe("schema -> field", () => {
  it.each([
    [{ type: "string" }, "text"],
    [{ type: "string", enum: ["a", "b"], default: "a" }, "choice"],
    [{ enum: [1, null, "x"] }, "choice"],
    [{ const: 7 }, "choice"],
    [{ type: "string", format: "date" }, "date"],
    [{ type: "string", format: "date-time" }, "text"],
    [{ type: "string", default: "a\nb" }, "longtext"],
    [{ type: "integer" }, "integer"],
    [{ type: "number" }, "number"],
    [{ type: ["integer", "null"] }, "integer"],
    [{ type: "boolean" }, "boolean"],
    [{ default: true }, "boolean"],
    [{ type: "array", items: { type: "string" } }, "lines"],
    [{ type: "array", uniqueItems: true, items: { enum: ["x", "y"] } }, "choices"],
    [{ type: "array", items: { type: "object" } }, "json"],
    [{ type: "object" }, "json"],
    [{ type: ["string", "integer"] }, "json"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text"],
    [{ anyOf: [{ type: "string" }, { type: "integer" }] }, "json"],
    [{}, "json"],
  ] as const)("%j is a field of kind %s", (schema, kind) => {
    expect(fieldOf("p", schema as never).kind).toBe(kind);
  });

  it("tells what is required, what is allowed, and what it is for", () => {
    const [day, count] = fieldsOf({
      day: { type: "string", title: "Which day", description: "Of the week" },
      count: { type: "integer", minimum: 1, maximum: 100, default: 1 },
    });
    expect(day).toMatchObject({ title: "Which day", description: "Of the week", isRequired: true, limits: "" });
    expect(count).toMatchObject({ title: "count", isRequired: false, limits: "1 to 100", byDefault: 1 });
  });
});

const FIELDS = fieldsOf({
  day: { type: "string", enum: ["monday", "tuesday"], default: "monday" },
  count: { type: "integer", minimum: 1, maximum: 100, default: 1 },
  ratio: { type: ["number", "null"], default: 0.5 },
  full: { type: "boolean", default: false },
  name: { type: "string", pattern: "^[a-z]+$", minLength: 2 },
  regions: { type: "array", items: { type: "string" }, default: ["eu"], maxItems: 2 },
  more: { type: "object", default: {} },
});

describe("fields -> values", () => {
  const first = draftsOf(FIELDS);

  it("sends nothing that is the default anyway, and asks for what has none", () => {
    expect(readDrafts(FIELDS, first)).toEqual({
      values: {},
      faults: { name: "A value is needed: the Dag has no default for it." },
    });
  });

  it("reads each kind as its JSON type", () => {
    const drafts = { ...first, day: "1", count: "20", ratio: "", full: "true", name: "ada", regions: "eu\nus", more: '{"a": [1]}' };
    expect(readDrafts(FIELDS, drafts)).toEqual({
      values: { day: "tuesday", count: 20, ratio: null, full: true, name: "ada", regions: ["eu", "us"], more: { a: [1] } },
      faults: {},
    });
  });

  it("says beside the field what is wrong, before the server is asked", () => {
    const drafts = { ...first, count: "101", ratio: "half", name: "A1", regions: "a\nb\nc", more: "{" };
    const { faults } = readDrafts(FIELDS, drafts);
    expect(faults).toMatchObject({
      count: "It must be 1 to 100.",
      ratio: "Write a number.",
      name: "It must match ^[a-z]+$.",
      regions: "It must have at most 2 items.",
    });
    expect(faults["more"]).toMatch(/^This is no JSON/);
    expect(readDrafts(FIELDS, { ...first, count: "1.5" }).faults["count"]).toBe("Write a whole number.");
  });

  it("shows values of an earlier run and reads them back as the same", () => {
    const values = { day: "tuesday", count: 7, ratio: null, full: true, name: "ada", regions: [], more: { b: 1 } };
    expect(readDrafts(FIELDS, draftsOf(FIELDS, values)).values).toEqual(values);
  });
});

describe("JSON -> values", () => {
  it("takes an object alone", () => {
    expect(readJson('{"count": 2}')).toEqual({ values: { count: 2 } });
    expect(readJson("[1]").fault).toMatch(/one JSON object/);
    expect(readJson("{").fault).toMatch(/no JSON/);
    expect(readJson("")).toEqual({ values: {} });
  });

  it("adds defaults and takes them away again", () => {
    expect(withDefaults(FIELDS, { count: 2 })).toEqual({ day: "monday", count: 2, ratio: 0.5, full: false, regions: ["eu"], more: {} });
    expect(withoutDefaults(FIELDS, withDefaults(FIELDS, { count: 2 }))).toEqual({ count: 2 });
  });
});

describe("faults by pointer", () => {
  const problem = (pointer: string) =>
    new Problem({ type: "", title: "", status: 422, detail: "", requestId: "", errors: [{ pointer, message: "is wrong" }] });

  it("finds the field of a fault, or of something within it", () => {
    expect(aboutParam(problem("/params/day"), "day")).toBe("is wrong");
    expect(aboutParam(problem("/params/day/0/x"), "day")).toBe("is wrong");
    expect(aboutParam(problem("/params/days"), "day")).toBeUndefined();
    expect(aboutParam(problem("/params/a~1b"), "a/b")).toBe("is wrong");
    expect(aboutParam(null, "day")).toBeUndefined();
  });
});
