import { describe, expect, it } from "vitest";
import { cancelCommand, clearCommand, markCommand } from "./commands";
import { ALONE } from "./range";
import { changeOf, gathered } from "./instances";

describe("gathered", () => {
  it("gathers the instances of a mapped task as ranges and keeps the order of tasks", () => {
    expect(gathered(["load[0]", "load[1]", "load[3]", "report", "tell[12]"])).toEqual([
      { task: "load", indices: "0–1, 3", count: 3 },
      { task: "report", indices: "", count: 1 },
      { task: "tell", indices: "12", count: 1 },
    ]);
  });

  it("takes ten thousand instances in a moment", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `load[${index}]`);
    expect(gathered(many)).toEqual([{ task: "load", indices: "0–9999", count: 10_000 }]);
  });
});

describe("changeOf", () => {
  it("says what came to a list and what left it", () => {
    expect(changeOf(["a", "b"], ["b", "c"])).toEqual({ added: ["c"], gone: ["a"] });
  });
});

describe("command lines", () => {
  const scope = { tasks: ["load[3]"], upstream: false, downstream: true, onlyFailed: true };

  it("quote what a shell would take for a pattern", () => {
    expect(clearCommand("team", "etl-1", scope, ALONE)).toBe("slipway clear -n team etl-1 'load[3]' --downstream --only-failed");
    expect(markCommand("team", "etl-1", { ...scope, tasks: [] }, "failed", ALONE)).toBe("slipway mark -n team etl-1 failed --downstream");
    expect(clearCommand("team", "etl-1", scope, { past: true, future: true })).toBe(
      "slipway clear -n team etl-1 'load[3]' --downstream --only-failed --past --future",
    );
    expect(cancelCommand("team", "etl-1", true)).toBe("slipway cancel -n team etl-1 --force");
  });
});
