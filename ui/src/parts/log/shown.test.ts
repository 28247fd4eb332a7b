import { describe, expect, it } from "vitest";
import { LogBuffer } from "./buffer";
import type { Level } from "./levels";
import { pattern, ShownLines } from "./shown";

const bytes = (text: string) => new TextEncoder().encode(text);

function log(lines: readonly string[], limits?: ConstructorParameters<typeof LogBuffer>[0]): LogBuffer {
  const buffer = new LogBuffer(limits);
  buffer.push(bytes(lines.map((line) => `${line}\n`).join("")));
  return buffer;
}

function shownOf(buffer: LogBuffer, question: Partial<ShownLines["question"]>): ShownLines {
  const lines = new ShownLines(buffer, { levels: new Set(), text: "", onlyMatches: false, ...question });
  while (lines.step()) {
    // Until all are looked at.
  }
  return lines;
}

describe("ShownLines", () => {
  const buffer = log(["INFO a", "ERROR b", "  more of b", "INFO B again", "DEBUG c"]);

  it("shows all without a question", () => {
    expect(shownOf(buffer, {}).shown).toEqual([1, 2, 3, 4, 5]);
    expect(shownOf(buffer, {}).hidden).toBe(0);
  });

  it("hides the lines of other levels, and counts them", () => {
    const lines = shownOf(buffer, { levels: new Set<Level>(["error"]) });
    expect([lines.shown, lines.hidden]).toEqual([[2, 3], 3]);
  });

  it("finds a text in any case, and hides the rest only if that is asked for", () => {
    expect(shownOf(buffer, { text: "b" }).matches).toEqual([2, 3, 4, 5]);
    expect(shownOf(buffer, { text: "B AGAIN" }).shown).toHaveLength(5);
    const only = shownOf(buffer, { text: "b again", onlyMatches: true });
    expect([only.shown, only.matches, only.hidden]).toEqual([[4], [4], 4]);
  });

  it("takes what is typed for text, not for a pattern", () => {
    const odd = log(["a.b", "axb", "(", "\u001B[31mre\u001B[0md"]);
    expect(shownOf(odd, { text: "a.b" }).matches).toEqual([1]);
    expect(shownOf(odd, { text: "(" }).matches).toEqual([3]);
    expect(shownOf(odd, { text: "red" }).matches).toEqual([4]);
    expect(() => pattern("[")).not.toThrow();
  });

  it("goes on where it was when more lines come", () => {
    const growing = log(["one", "two"]);
    const lines = shownOf(growing, { text: "t" });
    growing.push(bytes("three\nfour\n"));
    expect(lines.shown).toEqual([1, 2]);
    lines.step();
    expect([lines.shown, lines.matches]).toEqual([[1, 2, 3, 4], [2, 3]]);
  });

  it("looks at a part at once, so that the page stays alive", () => {
    const long = log(Array.from({ length: 100 }, () => "x"));
    const lines = new ShownLines(long, { levels: new Set(), text: "", onlyMatches: false });
    expect([lines.step(long.end, 40), lines.shown.length]).toEqual([true, 40]);
    expect([lines.step(long.end, 60), lines.shown.length]).toEqual([false, 100]);
  });

  it("forgets lines that the buffer has let go", () => {
    const limited = log(["x1", "x2", "x3"], { lines: 2, characters: 1e6, line: 10 });
    const lines = shownOf(limited, { text: "x" });
    limited.finish();
    lines.step();
    expect([limited.first, lines.shown, lines.matches, lines.hidden]).toEqual([2, [2, 3], [2, 3], 0]);
  });

  it("tells the match at or after a line", () => {
    const lines = shownOf(buffer, { text: "b" });
    expect([1, 3, 5, 6].map((number) => lines.matchFrom(number))).toEqual([0, 1, 3, 0]);
    expect(shownOf(buffer, { text: "nothing" }).matchFrom(1)).toBe(-1);
  });
});
