import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Glyph, lookOf, State } from "./State";
import type { RunState, TaskState } from "../api/schema";

afterEach(cleanup);

const TASK_STATES: readonly TaskState[] = [
  "Scheduled",
  "Queued",
  "Running",
  "Success",
  "Failed",
  "Skipped",
  "UpstreamFailed",
  "UpForRetry",
  "Deferred",
  "Removed",
];
const RUN_STATES: readonly RunState[] = ["Queued", "Running", "Success", "Failed"];

it("tells every state by word and by glyph, so that colour is never needed", () => {
  const looks = TASK_STATES.map(lookOf);
  expect(new Set(looks.map((look) => look.word)).size).toBe(TASK_STATES.length);
  expect(new Set(looks.map((look) => look.path)).size).toBe(TASK_STATES.length);
  expect(RUN_STATES.map((state) => lookOf(state).family)).toEqual(["waiting", "active", "good", "bad"]);
});

it("shows glyph, word and colour family", () => {
  const { container } = render(<State value="UpstreamFailed" />);
  expect(container.textContent).toBe("upstream failed");
  expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  expect(container.firstElementChild?.getAttribute("data-family")).toBe("bad");
});

it("shows a state that it has never heard of, and one that is not there", () => {
  render(<State value="HalfDone" />);
  expect(screen.getByText("half done")).toBeTruthy();
  const { container } = render(<State value={null} />);
  expect(container.textContent).toBe("not begun");
  expect(render(<Glyph state={undefined} />).container.querySelector("path")?.getAttribute("d")).toBe(lookOf("None").path);
});
