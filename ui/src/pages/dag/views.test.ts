import { describe, expect, it } from "vitest";
import type { CalendarDay, Span } from "../../api/schema";
import { monthNames, monthOf, nextDay, outcome } from "./calendar/model";
import { limitsOf, paramsOf, zoneOf } from "./details/spec";
import { chartOf, ticksOf } from "./gantt/model";
import { diffLines } from "./revisions/lines";

describe("the calendar", () => {
  it("ends with the month that is asked for, over the turn of a year", () => {
    expect(monthNames("2026-02", 3)).toEqual(["2025-12", "2026-01", "2026-02"]);
  });

  it("has weeks from Monday to Sunday with every day once", () => {
    const { weeks, title } = monthOf("2026-11", new Map(), "2026-11-23");
    const days = weeks.flat().flatMap((day) => day?.number ?? []);
    expect(title).toBe("November 2026");
    expect(days).toEqual(Array.from({ length: 30 }, (_, number) => number + 1));
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks[0]?.[6]?.day).toBe("2026-11-01");
    expect(weeks.flat().filter((day) => day?.isFuture)).toHaveLength(7);
  });

  it("colours a day by what needs a look first; a gap alone has no state", () => {
    expect(outcome(told({ Success: 9, Failed: 1 }))).toBe("Failed");
    expect(outcome(told({ Success: 9, Running: 1 }))).toBe("Running");
    expect(outcome(told({}, 2))).toBe("None");
    expect(outcome(told({}))).toBeUndefined();
  });

  it("knows the day after the last of a year", () => {
    expect(nextDay("2026-12-31")).toBe("2027-01-01");
  });
});

describe("the Gantt chart", () => {
  const spans = [
    span("b", 1, 10, 12, 20),
    span("a", 1, 0, 5, 8),
    span("a", 2, 30, null, null),
    { ...span("c", 1, 0, 1, 2), createdAt: null, startedAt: null },
  ];

  it("has a row for each task in the Dag's order, a bar for each attempt, and what goes on until now", () => {
    const chart = chartOf(spans, new Map([["a", 0], ["b", 1]]), at(40));
    expect(chart.seconds).toBe(40);
    expect(chart.rows.map((row) => [row.key, row.bars.map((bar) => [bar.queued, bar.start, bar.end])])).toEqual([
      ["a", [[0, 5, 8], [30, 40, 40]]],
      ["b", [[10, 12, 20]]],
    ]);
  });

  it("tells instances apart", () => {
    const two = [{ ...span("m", 1, 0, 1, 2), index: 10 }, { ...span("m", 1, 0, 1, 2), index: 2 }];
    expect(chartOf(two, new Map(), 0).rows.map((row) => row.key)).toEqual(["m[2]", "m[10]"]);
  });

  it("has few round ticks, however long it is", () => {
    expect(ticksOf(50)).toEqual([0, 10, 20, 30, 40, 50]);
    for (const seconds of [1, 61, 3601, 100_000, 5_000_000]) {
      expect(ticksOf(seconds).length).toBeLessThanOrEqual(11);
    }
  });
});

describe("a difference", () => {
  it("says of each line what became of it, without the header", () => {
    const lines = diffLines(["--- old\n", "+++ new\n", "@@ -1 +1 @@\n", "-owner: a\n", "+owner: b\n", " tags: []\n"]);
    expect(lines.map(({ mark, text, word }) => [mark, text, word])).toEqual([
      ["@", "@@ -1 +1 @@", "further down"],
      ["−", "owner: a", "removed"],
      ["+", "owner: b", "added"],
      ["", "tags: []", ""],
    ]);
  });

  it("keeps a changed line that looks like a header", () => {
    expect(diffLines(["--- old", "+++ new", "@@ @@", "--- gone", "+++ come"]).map((line) => line.word)).toEqual(["further down", "removed", "added"]);
  });
});

describe("the details of a spec", () => {
  it("tell params, limits and the clock", () => {
    const spec = {
      params: { day: { enum: ["mo", "tu"], default: "mo", title: "Day" }, free: {} },
      concurrency: { maxActiveRuns: 3 },
      runTimeout: "2h",
      schedule: { cron: "0 6 * * *", timezone: "Europe/Zurich" },
    };
    expect(paramsOf(spec)).toEqual([
      { name: "day", type: "mo | tu", byDefault: '"mo"', about: "Day" },
      { name: "free", type: "any", byDefault: undefined, about: "" },
    ]);
    expect(limitsOf(spec)).toEqual([["max active runs", "3"], ["run timeout", "2h"]]);
    const kept = { retention: { resources: { keepFailed: 3 }, rows: { failedFor: "30d" } }, alerts: [{ name: "on-call" }, { name: "mail" }] };
    expect(limitsOf(kept)).toEqual([
      ["retention of resources, keep failed", "3"],
      ["retention of rows, failed for", "30d"],
      ["alerts", "on-call, mail"],
    ]);
    expect(limitsOf({ retention: 3, alerts: "all", deadlines: [7] })).toEqual([["deadlines", ""]]);
    expect([zoneOf(spec), zoneOf({}), zoneOf(undefined)]).toEqual(["Europe/Zurich", "UTC", ""]);
  });

  it("stand a spec that is at fault", () => {
    expect([paramsOf({ params: ["x"] }), limitsOf({ concurrency: 3 }), zoneOf({ schedule: "daily" })]).toEqual([[], [], "UTC"]);
  });
});

function told(counts: Record<string, number>, missing = 0): CalendarDay {
  return { day: "2026-11-01", counts, missing };
}

function at(seconds: number): number {
  return Date.UTC(2026, 10, 1) + seconds * 1000;
}

function span(task: string, number: number, created: number, started: number | null, finished: number | null): Span {
  const time = (seconds: number | null) => (seconds === null ? null : new Date(at(seconds)).toISOString());
  return {
    task,
    index: null,
    number,
    state: "Success",
    createdAt: time(created),
    startedAt: time(started),
    finishedAt: time(finished),
    reason: null,
  };
}
