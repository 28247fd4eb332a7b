import { expect, it } from "vitest";
import { added, alongWords } from "./along";

it("tells what goes along with what is deleted", () => {
  expect(alongWords(undefined)).toBe("");
  expect(alongWords({})).toBe("");
  expect(alongWords({ Pod: 1 })).toBe("1 Pod");
  expect(alongWords({ DagRun: 12, TaskRun: 5000, Pod: 1 })).toBe("12 DagRuns, 5,000 TaskRuns and 1 Pod");
});

it("adds up what goes along with several", () => {
  expect(added([{ TaskRun: 2, Pod: 1 }, undefined, { TaskRun: 3 }])).toEqual({ TaskRun: 5, Pod: 1 });
});
