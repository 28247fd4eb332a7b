import { describe, expect, it } from "vitest";
import type { Structure } from "../../../api/schema";
import { groupKey, layoutOf, visibleLines } from "./model";
import { structure } from "./testing";

const NEW = structure("etl-2", ["extract", "part@parts", "tell", "check@parts", "deep@inner"], { inner: "parts" });

describe("the rows of the grid", () => {
  it("keep the server's order, a group's tasks together where its first one stands", () => {
    expect(keys(NEW)).toEqual(["extract", "group/parts", "part", "check", "group/inner", "deep", "tell"]);
  });

  it("tell how deep each stands and what belongs to a group, groups inside it included", () => {
    const layout = layoutOf([NEW]);
    expect(layout.lines.map((line) => line.depth)).toEqual([0, 0, 1, 1, 1, 2, 0]);
    expect(layout.lines.find((line) => line.key === groupKey("parts"))).toMatchObject({ places: [1, 3, 4] });
  });

  it("have tasks of older versions after the task that they follow there", () => {
    const old = structure("etl-1", ["extract", "gone", "tell", "last"]);
    const layout = layoutOf([NEW, old]);
    expect(layout.tasks.map((task) => [task.task, task.isCurrent])).toEqual([
      ["extract", true],
      ["gone", false],
      ["part", true],
      ["tell", true],
      ["last", false],
      ["check", true],
      ["deep", true],
    ]);
    expect(layout.rows.get("etl-1")).toEqual([0, 1, 3, 4]);
  });

  it("end with a group that is around itself", () => {
    expect(keys(structure("etl-3", ["a@round"], { round: "round" }))).toEqual(["group/round", "a"]);
  });
});

describe("the lines on show", () => {
  const layout = layoutOf([NEW]);

  it("leave out what lies below a folded group, however deep", () => {
    expect(shown(new Set(["parts"]))).toEqual(["extract", "group/parts", "tell"]);
    expect(shown(new Set(["inner"]))).toEqual(["extract", "group/parts", "part", "check", "group/inner", "tell"]);
  });

  it("are those with a text in their name, and the groups around them", () => {
    expect(shown(new Set(), "DEEP")).toEqual(["group/parts", "group/inner", "deep"]);
    expect(shown(new Set(), "no such")).toEqual([]);
  });

  function shown(folded: ReadonlySet<string>, text = ""): readonly string[] {
    return visibleLines(layout, folded, text).map((line) => line.key);
  }
});

function keys(of: Structure): readonly string[] {
  return layoutOf([of]).lines.map((line) => line.key);
}
