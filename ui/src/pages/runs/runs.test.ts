import { describe, expect, it } from "vitest";
import type { BulkRun, Done } from "../../api/schema";
import { readFilters } from "../../parts/useFilters";
import { touches } from "./BulkDialog";
import { labelOf, queryOf, SHAPE } from "./shape";
import { typedTime } from "./times";

const NOW = Date.parse("2026-11-23T12:00:00Z");

describe("typedTime", () => {
  it.each([
    ["2026-11-23", "UTC", "2026-11-23T00:00:00Z"],
    ["2026-11-23 6:30", "UTC", "2026-11-23T06:30:00Z"],
    ["2026-11-23", "Europe/Berlin", "2026-11-22T23:00:00Z"],
    ["2026-07-01 00:00:01", "Europe/Berlin", "2026-06-30T22:00:01Z"],
    // The hour after the clocks go back, and the one that is left out as they go forward.
    ["2026-10-25 03:30", "Europe/Berlin", "2026-10-25T02:30:00Z"],
    ["2026-03-29 04:00", "Europe/Berlin", "2026-03-29T02:00:00Z"],
    ["24h", "UTC", "2026-11-22T12:00:00Z"],
    ["7 d ago", "Asia/Tokyo", "2026-11-16T12:00:00Z"],
    ["2026-11-23T06:00:00+01:00", "UTC", "2026-11-23T05:00:00Z"],
  ])("reads %s in %s as %s", (typed, zone, told) => {
    expect(typedTime(typed, zone, NOW)).toBe(told);
  });

  it.each(["yesterday", "2026-13-01", "2026-02-30", "2026-11-23 25:00", "12", "2026-11-23T99:00:00Z", "x".repeat(10_000)])(
    "does not guess what %s is",
    (typed) => {
      expect(typedTime(typed, "UTC", NOW)).toBeNull();
    },
  );
});

describe("filters of runs", () => {
  it("come from the address, and only those that the API knows", () => {
    const search = new URLSearchParams("state=Failed&state=Odd&type=manual&dag=etl&label=team=data&after=2026-11-01T00:00:00Z&x=y&deleted=false");
    expect(queryOf(readFilters(SHAPE, search), "team")).toEqual({
      state: ["Failed"],
      type: ["manual"],
      label: ["team=data"],
      dag: "etl",
      after: "2026-11-01T00:00:00Z",
      namespace: "team",
      deleted: false,
    });
  });

  it("are none at first", () => {
    expect(queryOf(readFilters(SHAPE, new URLSearchParams()), undefined)).toEqual({ state: [], type: [], label: [] });
  });

  it("take a label only as key=value", () => {
    expect(["team=data", " slipway.dev/x=y ", "key=", "team", "=x", "a b=c"].map(labelOf)).toEqual([
      "team=data", "slipway.dev/x=y", "key=", null, null, null,
    ]);
  });
});

describe("touches", () => {
  const outcome = (more: Partial<Done>): BulkRun => ({
    namespace: "team",
    run: "r",
    problem: null,
    outcome: { body: {}, command: "", dryRun: true, kind: "DagRun", namespace: "team", name: "r", ...more },
  });

  it("leaves out runs to which nothing would happen, and those that are refused", () => {
    const refused = { ...outcome({}), outcome: null };
    expect([outcome({ cleared: [] }), outcome({ cleared: ["a"] }), refused].map((each) => touches("retry", each))).toEqual([false, true, false]);
    expect([touches("cancel", outcome({})), touches("delete", outcome({})), touches("delete", refused)]).toEqual([true, true, false]);
  });
});
