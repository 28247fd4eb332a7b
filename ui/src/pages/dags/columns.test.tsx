import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { DagLine } from "../../api/schema";
import { columnsOf } from "./columns";

afterEach(cleanup);

function cellOf(key: string, dag: Partial<DagLine>) {
  const column = columnsOf({ withNamespace: false, onTag: () => undefined }).find((each) => each.key === key);
  return render(<>{column?.cell(dag as DagLine)}</>).container;
}

it("tells by which clock a schedule goes", () => {
  expect(cellOf("schedule", { schedule: "0 6 * * *", timezone: "Europe/Zurich" }).textContent).toBe("At 06:00, Europe/Zurich");
  expect(screen.getByTitle("0 6 * * *, by the clock of Europe/Zurich")).toBeTruthy();
});

it("names no clock for a span, nor for a Dag without a schedule", () => {
  expect(cellOf("schedule", { schedule: "every 6h", timezone: null }).textContent).toBe("every 6h");
  expect(cellOf("schedule", { schedule: null, timezone: null }).textContent).toBe("by hand");
});

it("shows an owner's name as it is written, and no other text turned around by it", () => {
  expect(cellOf("owner", { owner: "\u202Eatad" }).querySelector("bdi")?.textContent).toBe("202Eatad");
});
