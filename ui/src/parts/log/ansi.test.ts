import { describe, expect, it } from "vitest";
import { marked, piecesOf } from "./ansi";
import { pattern } from "./shown";

const told = (line: string) => piecesOf(line).map(({ text, colour, bold }) => [text, colour, bold]);

describe("piecesOf", () => {
  it("leaves a plain line whole", () => {
    expect(told("a <b>bold</b> & line")).toEqual([["a <b>bold</b> & line", null, false]]);
  });

  it("tells colours by name and exact ones by number", () => {
    expect(told("\u001B[1;31mred\u001B[0m plain \u001B[38;2;1;2;3mexact")).toEqual([
      ["red", "ansi-red", true],
      [" plain ", null, false],
      ["exact", "rgb(1,2,3)", false],
    ]);
  });

  it("keeps markup as it is written", () => {
    expect(told("\u001B[32m<script>alert(1)</script>&amp;\u001B[0m")).toEqual([["<script>alert(1)</script>&amp;", "ansi-green", false]]);
  });

  it("shows a link by its text alone", () => {
    const link = "\u001B]8;;https://example.org/\u0007click\u001B]8;;\u0007";
    expect(piecesOf(link).map(({ text }) => text)).toEqual(["click"]);
  });

  it("does not fail on a sequence that breaks off", () => {
    expect(told("x\u001B[3").map(([text]) => text)).toEqual(["x"]);
  });
});

describe("marked", () => {
  it("marks what is looked for, also across colours", () => {
    const pieces = marked(piecesOf("a \u001B[31mre\u001B[0md b Red"), pattern("red"));
    expect(pieces.map(({ text, isMatch }) => [text, isMatch])).toEqual([
      ["a ", false],
      ["re", true],
      ["d", true],
      [" b ", false],
      ["Red", true],
    ]);
  });

  it("marks nothing without a search", () => {
    expect(marked(piecesOf("a"), null).map(({ isMatch }) => isMatch)).toEqual([false]);
  });
});
