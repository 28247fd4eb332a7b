import { describe, expect, it } from "vitest";
import { bodyOf, createCommand, faultsOf, NOTHING } from "./asked";
import { lookOfBackfill } from "./BackfillState";
import { progressOf } from "./progress";

const RANGE = { ...NOTHING, from: "2026-11-01", to: "2026-11-05" };

describe("a new backfill", () => {
  it("is asked about only once its range is whole", () => {
    expect(bodyOf({ ...NOTHING, from: "2026-11-01" }, {})).toBeUndefined();
    expect(bodyOf(RANGE, { n: 1 })).toMatchObject({ from: "2026-11-01T00:00:00Z", to: "2026-11-05T00:00:00Z", maxActiveRuns: 10, params: { n: 1 } });
  });

  it("says beside each field what is wrong", () => {
    expect(faultsOf(NOTHING)).toEqual({});
    expect(faultsOf({ ...RANGE, to: "2026-10-01" })).toEqual({ to: "It must not be before the first." });
    const wrong = { ...RANGE, from: "soon", maxActiveRuns: "0", gaps: true, reprocess: "failed" as const, name: "A" };
    expect(Object.keys(faultsOf(wrong))).toEqual(["from", "maxActiveRuns", "gaps", "name"]);
  });

  it("can be asked for in a terminal", () => {
    expect(createCommand("team", "etl", { ...RANGE, reprocess: "failed", runBackwards: true, approval: true }, { day: "a b" }, [])).toBe(
      "slipway backfill create -n team etl --from-date 2026-11-01T00:00:00Z --to-date 2026-11-05T00:00:00Z --reprocess failed --run-backwards -p 'day=a b' --plan-only",
    );
  });
});

describe("how a backfill stands", () => {
  it("tells its progress in parts, whatever the text", () => {
    expect(progressOf("3/6", 1)).toEqual({ done: 3, all: 6, failed: 1, part: 0.5 });
    expect(progressOf("0/0", 0)?.part).toBe(1);
    expect(progressOf(null, 0)).toBeUndefined();
  });

  it("tells what holds it up before its state", () => {
    const running = { state: "Running", paused: false, approved: true, cancel: null, reason: null, message: null } as const;
    expect(lookOfBackfill(running)).toEqual({ state: "Running" });
    expect(lookOfBackfill({ ...running, paused: true })).toEqual({ state: "Paused" });
    expect(lookOfBackfill({ ...running, paused: true, cancel: "graceful" }).word).toBe("being cancelled");
    expect(lookOfBackfill({ ...running, state: "Planned", approved: false }).word).toBe("waits for approval");
    expect(lookOfBackfill({ ...running, state: "Failed", cancel: "force" })).toEqual({ state: "Cancelled" });
  });
});
