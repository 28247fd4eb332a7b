import { describe, expect, it } from "vitest";
import { datedColumns } from "./GridHead";
import { move } from "./keys";
import { scrolledTo, windowOf } from "./window";

describe("virtual rows", () => {
  it("are those in sight and a few beside them, whatever the number of all", () => {
    expect(windowOf(0, 500, 20, 10_000)).toEqual({ first: 0, last: 28 });
    expect(windowOf(4000, 500, 20, 10_000)).toEqual({ first: 196, last: 228 });
  });

  it("cover every row that can be seen, wherever one scrolls", () => {
    for (let scroll = 0; scroll <= 19_500; scroll += 7) {
      const { first, last } = windowOf(scroll, 500, 20, 1000);
      expect(first * 20).toBeLessThanOrEqual(scroll);
      expect(last * 20).toBeGreaterThanOrEqual(Math.min(20_000, scroll + 500));
      expect(last - first).toBeLessThanOrEqual(40);
    }
  });

  it("stay the same for a small scroll, so that nothing is drawn again", () => {
    expect(windowOf(4001, 500, 20, 10_000)).toEqual(windowOf(4019, 500, 20, 10_000));
  });

  it("are none of none, and none past the end", () => {
    expect(windowOf(0, 500, 20, 0)).toEqual({ first: 0, last: 0 });
    expect(windowOf(90_000, 500, 20, 10).last).toBe(10);
  });

  it("come in sight by the shortest way", () => {
    expect([scrolledTo(2, 100, 200, 20), scrolledTo(7, 100, 200, 20), scrolledTo(20, 100, 200, 20)]).toEqual([40, 100, 220]);
  });
});

describe("the keys", () => {
  const size = { rows: 3, columns: 4 };

  it("move by one, and stop at names, header and the ends", () => {
    expect(move("ArrowDown", false, { row: 2, column: 0 }, size)).toEqual({ row: 2, column: 0 });
    expect(move("ArrowUp", false, { row: 0, column: 0 }, size)).toEqual({ row: -1, column: 0 });
    expect(move("ArrowLeft", false, { row: 0, column: 0 }, size)).toEqual({ row: 0, column: -1 });
    expect(move("ArrowRight", false, { row: 0, column: 3 }, size)).toEqual({ row: 0, column: 3 });
  });

  it("go far with Home, End and Control", () => {
    expect(move("Home", false, { row: 1, column: 2 }, size)).toEqual({ row: 1, column: -1 });
    expect(move("End", true, { row: 0, column: 0 }, size)).toEqual({ row: 2, column: 3 });
    expect(move("ArrowUp", true, { row: 2, column: 1 }, size)).toEqual({ row: 0, column: 1 });
  });

  it("leave other keys alone", () => {
    expect(move("c", false, { row: 0, column: 0 }, size)).toBeUndefined();
  });
});

describe("dates above the columns", () => {
  it("stand where a day begins and has room", () => {
    const names = ["2026-11-01 22:00", "2026-11-01 23:00", "2026-11-02 00:00", "2026-11-02 01:00", "2026-11-03 00:00"];
    expect([...datedColumns(names, 2)]).toEqual([0, 2, 4]);
    expect([...datedColumns(names, 4)]).toEqual([0]);
  });
});
