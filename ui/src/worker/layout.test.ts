import { expect, it } from "vitest";
import { laidOut } from "./layout";

it("places nodes of any name, also those that plain objects seem to have", () => {
  const nodes = ["constructor", "load"];
  const { places } = laidOut({ nodes, edges: [["load", "constructor"]], direction: "LR", width: 100, height: 20 });
  expect(Object.keys(places)).toEqual(nodes);
  expect(Object.values(places).flat().every(Number.isFinite)).toBe(true);
  expect(places["constructor"]?.[0]).toBeGreaterThan(places["load"]?.[0] ?? 0);
});
