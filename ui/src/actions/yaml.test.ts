import { describe, expect, it } from "vitest";
import { asTime } from "./times";
import { yaml } from "./yaml";

describe("yaml", () => {
  it("writes a manifest as people do", () => {
    const manifest = {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "DagRun",
      metadata: { name: "etl-1", labels: { "slipway.dev/dag": "etl" } },
      spec: { dagRef: { name: "etl" }, params: { count: 3, full: false, days: ["monday", "on"], none: [], more: {} } },
    };
    expect(yaml(manifest)).toBe(
      [
        "apiVersion: slipway.dev/v1alpha1",
        "kind: DagRun",
        "metadata:",
        "  name: etl-1",
        "  labels:",
        "    slipway.dev/dag: etl",
        "spec:",
        "  dagRef:",
        "    name: etl",
        "  params:",
        "    count: 3",
        "    full: false",
        "    days:",
        "      - monday",
        '      - "on"',
        "    none: []",
        "    more: {}",
        "",
      ].join("\n"),
    );
  });

  it("quotes what YAML would take for a number, a time, a word, a comment or a mark", () => {
    for (const text of ["yes", "NO", "1e3", "2026-01-31", "0o7", "a: b", "a #b", "- a", "*a", "", " a", "a ", "'", "12:30", "null", "~", "1_000", "=", "<<"]) {
      expect(yaml({ text })).toBe(`text: ${JSON.stringify(text)}\n`);
    }
  });

  it("writes several lines as a block, and nests lists of objects", () => {
    expect(yaml({ note: "one\ntwo\n", list: [{ a: 1, b: [2] }] })).toBe("note: |\n  one\n  two\nlist:\n  - a: 1\n    b:\n      - 2\n");
    expect(yaml({ note: "one\n\ntwo" })).toBe("note: |-\n  one\n\n  two\n");
  });
});

describe("asTime", () => {
  it("takes days, minutes and offsets, UTC where none is given", () => {
    expect(asTime("2026-01-31")).toBe("2026-01-31T00:00:00Z");
    expect(asTime(" 2026-01-31 06:05 ")).toBe("2026-01-31T06:05:00Z");
    expect(asTime("2026-01-31T06:05:07+01:00")).toBe("2026-01-31T06:05:07+01:00");
    expect(asTime("2026-01-31 06:05z")).toBe("2026-01-31T06:05:00Z");
  });

  it("refuses what is no time", () => {
    for (const text of ["", "yesterday", "2026-02-30", "2026-13-01", "2026-01-31 25:00", "31.1.2026"]) {
      expect(asTime(text)).toBeUndefined();
    }
  });
});
