import { expect, it } from "vitest";
import { detailsOf } from "./details";

it("tells what is known of an action in one line and leaves out what says nothing", () => {
  const details = { state: "failed", tasks: ["load[3]", "report"], onlyFailed: true, upstream: false, cleared: [], slots: 4, comment: null, message: "", params: { n: 1 } };
  expect(detailsOf(details)).toBe('state failed · tasks load[3], report · only failed · slots 4 · params {"n":1}');
  expect(detailsOf({})).toBe("");
});
