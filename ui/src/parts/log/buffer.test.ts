import { describe, expect, it } from "vitest";
import { LogBuffer } from "./buffer";

const bytes = (text: string) => new TextEncoder().encode(text);
const all = (buffer: LogBuffer) => Array.from({ length: buffer.kept }, (_, place) => buffer.line(buffer.first + place));

function read(...pieces: (string | Uint8Array)[]): LogBuffer {
  const buffer = new LogBuffer();
  pieces.forEach((piece) => buffer.push(typeof piece === "string" ? bytes(piece) : piece));
  buffer.finish();
  return buffer;
}

describe("LogBuffer", () => {
  it("joins lines that come in pieces, and counts a last one without an end", () => {
    expect(all(read("on", "e\ntw", "o\r\nthree"))).toEqual(["one", "two", "three"]);
    expect(all(read("one\n\ntwo\n"))).toEqual(["one", "", "two"]);
    expect(read("").kept).toBe(0);
  });

  it("keeps a character that two pieces share", () => {
    const euro = bytes("€");
    expect(all(read(euro.slice(0, 1), euro.slice(1), "uro\n"))).toEqual(["€uro"]);
  });

  it("shows bytes that are no text by replacement characters, and keeps colours and tabs", () => {
    expect(all(read(new Uint8Array([0xff, 0x00, 0x41, 0x0a])))).toEqual(["\uFFFD\uFFFDA"]);
    expect(all(read("\u001B[31mred\u001B[0m\tx\n"))).toEqual(["\u001B[31mred\u001B[0m\tx"]);
  });

  it("shows the last state of a progress bar", () => {
    expect(all(read("10%\r50%\r100%\nnext\n"))).toEqual(["100%", "next"]);
  });

  it("keeps the last lines of a long log under their own numbers", () => {
    const buffer = new LogBuffer({ lines: 1000, characters: 1e9, line: 100 });
    for (let number = 1; number <= 100_000; number += 500) {
      buffer.push(bytes(Array.from({ length: 500 }, (_, more) => `line ${number + more}\n`).join("")));
      expect(buffer.kept).toBeLessThanOrEqual(1000 + 20_000);
    }
    buffer.finish();
    expect([buffer.kept, buffer.first, buffer.end, buffer.dropped]).toEqual([1000, 99_001, 100_001, 99_000]);
    expect([buffer.line(99_001), buffer.line(100_000), buffer.line(5)]).toEqual(["line 99001", "line 100000", ""]);
  });

  it("keeps no more characters than it may, however few lines they are", () => {
    const buffer = new LogBuffer({ lines: 1000, characters: 10_000, line: 2000 });
    for (let number = 0; number < 100; number += 1) {
      buffer.push(bytes(`${"x".repeat(1500)}\n`));
    }
    buffer.finish();
    expect(buffer.kept).toBeLessThanOrEqual(7);
    expect(buffer.kept + buffer.dropped).toBe(100);
  });

  it("cuts a line that never ends, without keeping it, and says by how much", () => {
    const buffer = new LogBuffer({ lines: 10, characters: 1e6, line: 50 });
    for (let piece = 0; piece < 100; piece += 1) {
      buffer.push(bytes("y".repeat(1000)));
    }
    buffer.finish();
    expect(buffer.line(1)).toBe(`${"y".repeat(50)} … (99,950 more characters)`);
  });
});
