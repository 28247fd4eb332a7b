import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Problem, problemOf } from "../api/problem";
import { ProblemNote } from "./Problem";

afterEach(cleanup);

const FORBIDDEN = {
  type: "urn:slipway:problem:forbidden",
  title: "Not allowed",
  status: 403,
  detail: "You may not get dags in namespace <b>team</b>",
  requestId: "abc123",
  wayOn: "Ask: kubectl auth can-i get dags -n team",
  errors: [{ pointer: "/params/day", message: "must be a day" }],
};

function answer(body: string, type: string, status = 403): Response {
  return new Response(body, { status, headers: { "content-type": type, "x-request-id": "from-header" } });
}

it("says what is wrong, what to do, and under which id the log has it; markup stays text", async () => {
  const again = vi.fn();
  const problem = await problemOf(answer(JSON.stringify(FORBIDDEN), "application/problem+json"));
  const { container } = render(<ProblemNote error={problem} retry={again} />);
  for (const told of [FORBIDDEN.title, FORBIDDEN.detail, FORBIDDEN.wayOn, FORBIDDEN.requestId]) {
    expect(screen.getByText(told)).toBeTruthy();
  }
  expect(container.querySelector("b")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(again).toHaveBeenCalledOnce();
});

it("knows the message of each field", async () => {
  const problem = await problemOf(answer(JSON.stringify(FORBIDDEN), "application/problem+json"));
  expect(problem.about("/params/day")).toBe("must be a day");
  expect(problem.about("/params/other")).toBeUndefined();
});

it.each([
  ["<html>Bad gateway</html>", "text/html"],
  ['{"detail": "broken', "application/problem+json"],
])("tells of an answer that is no problem of ours: %s", async (body, type) => {
  const problem = await problemOf(answer(body, type, 502));
  expect(problem).toBeInstanceOf(Problem);
  expect(problem.message).toContain("502");
  expect(problem.body.requestId).toBe("from-header");
});

it("shows nothing without an error, and an error of our own with its message", () => {
  expect(render(<ProblemNote error={null} />).container.childElementCount).toBe(0);
  render(<ProblemNote error={new Error("x is undefined")} />);
  expect(screen.getByText("x is undefined")).toBeTruthy();
});
