import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunBar } from "../../../api/schema";
import { GridTable } from "./GridTable";
import { layoutOf, visibleLines } from "./model";
import { GridStore } from "./store";
import { structure } from "./testing";

const TASKS = Array.from({ length: 200 }, (_, number) => `t${number}${number % 20 < 10 ? `@g${Math.floor(number / 20)}` : ""}`);
const LAYOUT = layoutOf([structure("v1", TASKS)]);
const RUNS = Array.from({ length: 50 }, (_, number) => runBar(`run-${number}`));
const NAMES = RUNS.map((_, number) => `2026-11-01 ${number}`);
const ROOM = 600;

describe("the grid of 200 tasks and 50 runs", () => {
  let store: GridStore;
  const drawn: string[] = [];
  const chosen = vi.fn<(chosen: object) => void>();
  const toggled = vi.fn<(group: string) => void>();

  afterEach(cleanup);
  beforeEach(() => {
    drawn.length = 0;
    store = new GridStore();
    store.takeLayout(LAYOUT);
    store.seed(RUNS.map((run) => ({ run: run.name, revision: "v1", states: TASKS.map(() => 2), tries: {} })), 0);
    vi.stubGlobal("innerHeight", ROOM + 320);
    render(
      <GridTable
        label="Tasks beside runs"
        lines={visibleLines(LAYOUT, new Set())}
        columns={RUNS}
        names={NAMES}
        store={store}
        rowHeight={20}
        cellWidth={18}
        collapsed={new Set()}
        chosen={{}}
        onChoose={chosen}
        onToggle={toggled}
        onDraw={(key) => drawn.push(key)}
      >
        corner
      </GridTable>,
    );
  });

  it("draws the rows in sight alone, each of them once", () => {
    const rows = document.querySelectorAll(".grid-row").length;
    expect(rows).toBeLessThanOrEqual(ROOM / 20 + 12);
    expect(drawn.splice(0)).toHaveLength(rows);
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("211");
  });

  it("draws for 100 changed cells the rows that have them and their groups, each of them once", () => {
    drawn.length = 0;
    act(() =>
      store.patch(
        Array.from({ length: 100 }, (_, number) => ({ run: `run-${number % 50}`, task: number < 50 ? "t3" : "t12", state: "Failed", attempt: 1 })),
      ),
    );
    expect(drawn.toSorted()).toEqual(["group/g0", "t12", "t3"]);
    expect(document.querySelectorAll('[data-state="Failed"]')).toHaveLength(150);
  });

  it("draws nothing for a change out of sight, and nothing when one moves or chooses", () => {
    drawn.length = 0;
    act(() => store.patch([{ run: "run-1", task: "t199", state: "Failed", attempt: 1 }]));
    fireEvent.keyDown(screen.getByRole("grid"), { key: "ArrowLeft" });
    expect(drawn).toEqual([]);
  });

  it("labels each cell with task, run, state and try", () => {
    act(() => store.patch([{ run: "run-49", task: "t0", state: "Failed", attempt: 2 }]));
    expect(screen.getByLabelText("t0, run 2026-11-01 49, failed, try 2").getAttribute("role")).toBe("gridcell");
    expect(screen.getByLabelText("g0, run 2026-11-01 49, 10 tasks: 1 failed, 9 success, try 2")).toBeTruthy();
  });

  it("has one tab stop, and tells the active cell by its id as the arrows move it", () => {
    const grid = screen.getByRole("grid");
    expect(document.querySelectorAll("[tabindex]")).toHaveLength(1);
    fireEvent.keyDown(grid, { key: "ArrowDown" });
    fireEvent.keyDown(grid, { key: "ArrowLeft" });
    const active = document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
    expect(active?.getAttribute("aria-label")).toBe("t0, run 2026-11-01 48, success");
    fireEvent.keyDown(grid, { key: "Enter" });
    expect(chosen).toHaveBeenLastCalledWith({ run: "run-48", task: "t0", group: undefined });
  });

  it("chooses a run by its header and a task by its name, and folds a group by its name", () => {
    fireEvent.click(screen.getByText("Run 2026-11-01 7, success, scheduled, 1 min"));
    expect(chosen).toHaveBeenLastCalledWith({ run: "run-7", task: undefined, group: undefined });
    fireEvent.click(screen.getByTitle("t1"));
    expect(chosen).toHaveBeenLastCalledWith({ run: undefined, task: "t1", group: undefined });
    fireEvent.click(screen.getByTitle("g0"));
    expect(toggled).toHaveBeenLastCalledWith("g0");
  });
});

function runBar(name: string): RunBar {
  return {
    uid: name,
    namespace: "team-a",
    dag: "etl",
    name,
    runType: "scheduled",
    state: "Success",
    orderedAt: "2026-11-01T00:00:00Z",
    logicalDate: null,
    startedAt: "2026-11-01T00:00:00Z",
    finishedAt: "2026-11-01T00:01:00Z",
    revision: "v1",
  };
}
