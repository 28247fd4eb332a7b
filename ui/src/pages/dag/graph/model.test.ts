import { describe, expect, it } from "vitest";
import { laidOut } from "../../../worker/layout";
import { layoutOf } from "../grid/model";
import { structure } from "../grid/testing";
import { nameOf, pictureOf, type Wish } from "./model";

const LAYOUT = layoutOf([structure("v1", ["a", "b@g<a", "c@g<b", "d@inner<c", "e<d,b", "alone"], { inner: "g" })]);

describe("the graph", () => {
  it("has an edge for each dependency", () => {
    expect(edges()).toEqual(["a>b", "b>c", "b>e", "c>d", "d>e"]);
  });

  it("shows a folded group as one node, with each edge once and none to itself", () => {
    expect(nodes({ folded: new Set(["g"]) })).toEqual(["a", "group/g", "e", "alone"]);
    expect(edges({ folded: new Set(["g"]) })).toEqual(["a>group/g", "group/g>e"]);
    expect(nodes({ folded: new Set(["inner"]) })).toEqual(["a", "b", "c", "group/inner", "e", "alone"]);
  });

  it("can be one group alone, which is then not folded itself", () => {
    expect(nodes({ group: "g", folded: new Set(["g", "inner"]) })).toEqual(["b", "c", "group/inner"]);
  });

  it("walks up, down or both ways from a task, so many steps", () => {
    expect(nodes({ from: "c", walk: "up" })).toEqual(["a", "b", "c"]);
    expect(nodes({ from: "c", walk: "down" })).toEqual(["c", "d", "e"]);
    expect(nodes({ from: "c", depth: 1 })).toEqual(["b", "c", "d"]);
    expect(nodes({ from: "no such" })).toHaveLength(6);
  });

  it("is named by its version, direction and nodes", () => {
    const one = pictureOf(LAYOUT, wish());
    expect(nameOf("v1", "LR", one)).toBe(nameOf("v1", "LR", pictureOf(LAYOUT, wish())));
    expect(nameOf("v1", "LR", one)).not.toBe(nameOf("v1", "LR", pictureOf(LAYOUT, wish({ folded: new Set(["g"]) }))));
    expect(nameOf("v1", "LR", one)).not.toBe(nameOf("v2", "LR", one));
  });
});

describe("the layout", () => {
  it("puts each node behind those before it, and none over another", () => {
    const picture = pictureOf(LAYOUT, wish());
    const { places } = laidOut({ nodes: picture.nodes.map((node) => node.key), edges: picture.edges, direction: "LR", width: 100, height: 20 });
    for (const [from, to] of picture.edges) {
      expect(places[from]?.[0] ?? 0).toBeLessThan(places[to]?.[0] ?? 0);
    }
    expect(new Set(Object.values(places).map(String)).size).toBe(6);
  });

  it("ends where folding has made a circle", () => {
    const circle = [["a", "b"], ["b", "a"]] as const;
    expect(Object.keys(laidOut({ nodes: ["a", "b"], edges: circle, direction: "TB", width: 10, height: 10 }).places)).toEqual(["a", "b"]);
  });
});

function wish(more: Partial<Wish> = {}): Wish {
  return { folded: new Set(), walk: "both", ...more };
}

function nodes(more: Partial<Wish> = {}): readonly string[] {
  return pictureOf(LAYOUT, wish(more)).nodes.map((node) => node.key);
}

function edges(more: Partial<Wish> = {}): readonly string[] {
  return pictureOf(LAYOUT, wish(more)).edges.map(([from, to]) => `${from}>${to}`).toSorted();
}
