import { expect, it } from "vitest";
import { nextAddress } from "./next";

it("goes back to where the reader was", () => {
  expect(nextAddress("/dags/team/etl/grid?run=etl-1&task=load")).toBe("/dags/team/etl/grid?run=etl-1&task=load");
});

it("goes back to the line of a log that the address named", () => {
  expect(nextAddress("/runs/team/etl-1/tasks/load?try=2#L123")).toBe("/runs/team/etl-1/tasks/load?try=2#L123");
  expect(nextAddress("/runs#//evil.example")).toBe("/runs#//evil.example");
});

it.each([null, "", "https://evil.example", "//evil.example/x", "/.//evil.example", "/..//evil.example/x", "/\\evil.example", "javascript:alert(1)", "/signin?next=/x", "dags"])(
  "never leads away, nor in a circle: %s",
  (asked) => {
    expect(nextAddress(asked)).toBe("/");
  },
);
