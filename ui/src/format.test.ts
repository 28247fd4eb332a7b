import { describe, expect, it } from "vitest";
import { count, dateTime, duration, exactSeconds, relative, shellWord, words } from "./format";

describe("durations", () => {
  it.each([
    [-3, "0 s"],
    [0, "0 s"],
    [0.0001, "1 ms"],
    [0.85, "850 ms"],
    [1, "1 s"],
    [12.34, "12.3 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min"],
    [245, "4 min 5 s"],
    [3599.7, "1 h"],
    [9000, "2 h 30 min"],
    [86_400, "1 d"],
    [273_600, "3 d 4 h"],
  ])("%d seconds are %s", (seconds, told) => {
    expect(duration(seconds)).toBe(told);
  });

  it("are exact in the title", () => {
    expect(exactSeconds(12.3456)).toBe("12.346 seconds");
  });
});

describe("times", () => {
  it("are shown in the zone, over a clock change too", () => {
    expect(dateTime("2026-10-25T00:30:00Z", "Europe/Zurich")).toBe("2026-10-25 02:30:00");
    expect(dateTime("2026-10-25T01:30:00Z", "Europe/Zurich")).toBe("2026-10-25 02:30:00");
    expect(dateTime("2026-01-01T00:00:00Z", "UTC")).toBe("2026-01-01 00:00:00");
  });

  it("that are none are shown as they came", () => {
    expect(dateTime("soon", "UTC")).toBe("soon");
  });

  it("are told relative to now, both ways", () => {
    const now = Date.parse("2026-01-01T12:00:00Z");
    expect(relative("2026-01-01T11:59:58Z", now)).toBe("just now");
    expect(relative("2026-01-01T11:55:00Z", now)).toBe("5 min ago");
    expect(relative("2026-01-01T14:30:00Z", now)).toBe("in 2 h");
  });
});

describe("words", () => {
  it("are those of the state", () => {
    expect(words("UpForRetry")).toBe("up for retry");
    expect(words("asset_triggered")).toBe("asset triggered");
  });

  it("count with their plural", () => {
    expect([count(1, "run"), count(0, "run"), count(12_000, "run")]).toEqual(["1 run", "0 runs", "12,000 runs"]);
  });

  it("of a shell are quoted where they must be", () => {
    expect(shellWord("team-a/etl")).toBe("team-a/etl");
    expect(shellWord("it's; rm -rf /")).toBe(String.raw`'it'\''s; rm -rf /'`);
    expect(shellWord("")).toBe("''");
  });
});
