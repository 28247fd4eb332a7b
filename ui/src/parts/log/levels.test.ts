import { describe, expect, it } from "vitest";
import { LevelReader, plain, toldLevel } from "./levels";

describe("toldLevel", () => {
  it.each([
    ["2026-11-23 06:00:00,123 ERROR something broke", "error"],
    ["2026-11-23T06:00:00Z [warn] slow", "warn"],
    ["INFO:root:hello", "info"],
    ["\u001B[90mDEBUG   \u001B[0m part 3", "debug"],
    ['{"time": "2026-11-23T06:00:00Z", "level": "warning", "msg": "ERROR is only a word here"}', "warn"],
    ['{"severity":"CRITICAL","message":"down"}', "error"],
    ['{"level":30,"msg":"pino"}', "info"],
    ['{"level":50,"msg":"pino"}', "error"],
    ["ts=1 level=debug msg=x", "debug"],
    ["E1123 06:00:00.000001       1 main.go:12] failed", "error"],
    ["W1123 06:00:00.000001       1 main.go:12] slow", "warn"],
    ["Traceback (most recent call last):", "error"],
    ["panic: runtime error: index out of range", "error"],
  ] as const)("reads %s as %s", (line, level) => {
    expect(toldLevel(line)).toBe(level);
  });

  it.each(["0 errors found", "see the information below", "my-ERROR-file.txt", "error.log was written", "plain text", ""])(
    "finds no level in %j",
    (line) => {
      expect(toldLevel(line)).toBeNull();
    },
  );

  it("looks only at the beginning of a line", () => {
    expect(toldLevel(`${"x".repeat(500)} ERROR`)).toBeNull();
  });
});

describe("LevelReader", () => {
  it("lets the lines of a traceback and of an indented text go with the line that they continue", () => {
    const reader = new LevelReader();
    const lines = [
      "INFO begin",
      "  with more",
      "no level",
      "Traceback (most recent call last):",
      '  File "load.py", line 12, in main',
      "ValueError: no such day",
      "after it",
      "WARN slow",
      "\tat Some.java",
    ];
    expect(lines.map((line) => reader.next(line))).toEqual([
      "info", "info", "other", "error", "error", "error", "other", "warn", "warn",
    ]);
  });
});

describe("plain", () => {
  it("takes colours and links away, and nothing else", () => {
    expect(plain("\u001B[1;31mred\u001B[0m [x] \u001B]8;;http://a\u0007link\u001B]8;;\u0007")).toBe("red [x] link");
    expect(plain("[31m is text")).toBe("[31m is text");
  });
});
