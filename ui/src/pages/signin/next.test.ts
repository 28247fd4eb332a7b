import { expect, it } from "vitest";
import { nextAddress } from "./next";

it("goes back to where the reader was", () => {
  expect(nextAddress("/dags/team/etl/grid?run=etl-1&task=load")).toBe("/dags/team/etl/grid?run=etl-1&task=load");
});

it.each([null, "", "https://evil.example", "//evil.example/x", "/.//evil.example", "/..//evil.example/x", "/\\evil.example", "javascript:alert(1)", "/signin?next=/x", "dags"])(
  "never leads away, nor in a circle: %s",
  (asked) => {
    expect(nextAddress(asked)).toBe("/");
  },
);
