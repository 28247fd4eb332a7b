import { describe, expect, it } from "vitest";
import type { TaskLine } from "../../api/schema";
import { slotsOf } from "../pools/slots";
import { paramsOf } from "../run/params";
import { instanceName, placeOf, searchOf } from "./place";
import { worst } from "./useTask";
import { taskAddress } from "./WhyList";

describe("the address of a task", () => {
  it("names instance, try and tab, and what it can't mean is left out", () => {
    expect(placeOf(new URLSearchParams("index=3&try=2&tab=log"))).toEqual({ index: 3, attempt: 2, tab: "log" });
    expect(placeOf(new URLSearchParams("index=-1&try=x&tab=odd"))).toEqual({ index: undefined, attempt: undefined, tab: undefined });
    expect(searchOf({ index: 0, attempt: 2, tab: "why" })).toBe("?index=0&try=2&tab=why");
    expect(searchOf({})).toBe("");
  });

  it("is found by the instance's name", () => {
    expect(taskAddress("team", "r 1", "load[3]")).toBe("/runs/team/r%201/tasks/load?index=3");
    expect(taskAddress("team", "r", "load")).toBe("/runs/team/r/tasks/load");
    expect([instanceName("load", null), instanceName("load", 0)]).toEqual(["load", "load[0]"]);
  });
});

describe("worst", () => {
  const instance = (index: number | null, state: string) => ({ index, state }) as TaskLine;

  it("is the first that failed, else one at work, else the first", () => {
    expect(worst([instance(0, "Success"), instance(1, "Running"), instance(2, "Failed")])).toBe(2);
    expect(worst([instance(0, "Success"), instance(1, "Running")])).toBe(1);
    expect(worst([instance(0, "Success")])).toBe(0);
    expect(worst([])).toBeUndefined();
  });
});

describe("what a run tells", () => {
  it("has params only if these are an object", () => {
    expect([paramsOf('{"day": 1}'), paramsOf("[1]"), paramsOf("odd"), paramsOf("null")]).toEqual([{ day: 1 }, {}, {}, {}]);
  });
});

describe("slotsOf", () => {
  it("takes whole numbers from -1 to a million", () => {
    expect(["4", " 1,000 ", "-1", "0", "1000000"].map(slotsOf)).toEqual([4, 1000, -1, 0, 1_000_000]);
    expect(["", "x", "1.5", "-2", "1000001", "1e3"].map(slotsOf)).toEqual([null, null, null, null, null, null]);
  });
});
