import { beforeEach, describe, expect, it } from "vitest";
import { changesOf } from "./data";
import { layoutOf, type Line } from "./model";
import { GridStore } from "./store";
import { LEGEND, structure } from "./testing";

const [, RUNNING, SUCCESS, FAILED] = LEGEND.keys();
const LAYOUT = layoutOf([structure("new", ["extract", "part*@parts", "check@parts"]), structure("old", ["extract", "gone"])]);

describe("the store of states", () => {
  let now = 0;
  let store: GridStore;
  const told: string[] = [];

  beforeEach(() => {
    now = 0;
    told.length = 0;
    store = new GridStore(() => now);
    store.takeLayout(LAYOUT);
    LAYOUT.lines.forEach(({ key }) => store.watch(key, () => told.push(key)));
    store.seed([{ run: "r1", revision: "new", states: [SUCCESS, { [String(SUCCESS)]: 2, [String(FAILED)]: 1 }, null], tries: { 0: 3 } }], 0);
    store.flush();
    told.length = 0;
  });

  it("lays each revision's states beside the rows of all", () => {
    store.seed([{ run: "r0", revision: "old", states: [FAILED, SUCCESS], tries: {} }], 0);
    expect([state("extract", "r0"), state("gone", "r0"), state("check", "r0")]).toEqual(["Failed", "Success", undefined]);
    expect([state("gone", "r1"), state("check", "r1")]).toEqual([undefined, null]);
  });

  it("shows a run that has not begun as one of the newest version", () => {
    store.seed([{ run: "r2", revision: null, states: [], tries: {} }], 0);
    expect([state("extract", "r2"), state("gone", "r2")]).toEqual([null, undefined]);
  });

  it("tells the try, the counts of a mapped task, and what stands for a group", () => {
    expect(store.cell(lineOf("extract"), "r1").tried).toBe(3);
    expect(store.cell(lineOf("part"), "r1")).toMatchObject({ state: "Failed", counts: new Map([["Success", 2], ["Failed", 1]]) });
    expect(store.cell(lineOf("group/parts"), "r1")).toMatchObject({ state: "Failed", counts: new Map([["Failed", 1], ["None", 1]]) });
  });

  it("tells the row of a patch and the groups around it, and no other", () => {
    store.patch([{ run: "r1", task: "check", state: "Running", attempt: 1 }]);
    expect(told.toSorted()).toEqual(["check", "group/parts"]);
    expect(state("check", "r1")).toBe("Running");
  });

  it("tells nobody of a patch that changes nothing, or is about what is not there", () => {
    store.patch([
      { run: "r1", task: "extract", state: "Success", attempt: 3 },
      { run: "r1", task: "gone", state: "Success", attempt: 1 },
      { run: "other", task: "extract", state: "Success", attempt: 1 },
      { run: "r1", task: "extract", state: "NoSuchState", attempt: 1 },
    ]);
    expect(told).toEqual([]);
  });

  it("tells a row once for many changes of it", () => {
    store.patch(["Running", "Success", "Failed"].map((to) => ({ run: "r1", task: "extract", state: to, attempt: 1 })));
    expect(told).toEqual(["extract"]);
  });

  it("keeps a patch that came after an answer was asked for, and forgets one that came before", () => {
    const answer = [{ run: "r1", revision: "new", states: [RUNNING, null, null], tries: {} }];
    now = 10;
    store.patch([{ run: "r1", task: "extract", state: "Failed", attempt: 1 }]);
    store.seed(answer, 5);
    expect(state("extract", "r1")).toBe("Failed");
    store.seed(answer, 20);
    expect(state("extract", "r1")).toBe("Running");
    store.seed(answer, 5);
    expect(state("extract", "r1")).toBe("Running");
  });

  it("tells nobody of an answer that says the same", () => {
    store.seed([{ run: "r1", revision: "new", states: [SUCCESS, { [String(SUCCESS)]: 2, [String(FAILED)]: 1 }, null], tries: { 0: 3 } }], 30);
    store.flush();
    expect(told).toEqual([]);
  });

  function state(task: string, run: string) {
    return store.cell(lineOf(task), run).state;
  }
});

describe("a batch of changes", () => {
  it("becomes patches of this Dag; runs of mapped tasks are asked for again", () => {
    const seen = changesOf(
      {
        tasks: [
          ["team-a", "etl", "r1", "extract", null, "Running", 2],
          ["team-a", "etl", "r1", "part", 4, "Failed", 1],
          ["team-b", "etl", "r1", "extract", null, "Failed", 1],
          ["team-a", "other", "r1", "extract", null, "Failed", 1],
        ],
        runs: [["team-a", "etl", "r1", "Running", "1/3"]],
      },
      { ns: "team-a", dag: "etl" },
      LAYOUT,
    );
    expect(seen).toEqual({ patches: [{ run: "r1", task: "extract", state: "Running", attempt: 2 }], mapped: ["r1"], runs: [["r1", "Running"]] });
  });
});

function lineOf(key: string): Line {
  return LAYOUT.lines.find((each) => each.key === key) as Line;
}
