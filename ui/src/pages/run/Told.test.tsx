import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { RunAlert, RunDetail } from "../../api/schema";
import { ZoneProvider } from "../../zone";
import { lookOf, Told } from "./Told";

afterEach(cleanup);

const ALERT: RunAlert = { alert: "on-call", event: "runFailed", deadline: null, count: 1, after: "2026-01-01T06:00:00Z", sent: ["ops"], failed: {}, doneAt: "2026-01-01T06:00:05Z" };

function show(run: Partial<RunDetail>) {
  return render(
    <ZoneProvider>
      <Told run={{ deadlines: [], alerts: [], ...run } as RunDetail} />
    </ZoneProvider>,
  ).container;
}

it("tells of deadlines and of whom an alert has reached", () => {
  const deadlines = [{ name: "by-breakfast", at: "2026-01-01T07:00:00Z", riskAt: null, state: "Missed" }];
  const missed = { ...ALERT, event: "deadlineMissed", deadline: "by-breakfast", sent: [], failed: { mail: "no route" }, count: 3 };
  show({ deadlines, alerts: [ALERT, missed] });
  expect(screen.getByRole("region", { name: "Deadlines" }).textContent).toContain("missed");
  const rows = screen.getByRole("region", { name: "Alerts" }).querySelectorAll("tbody tr");
  expect(rows[0]?.textContent).toContain("deadline missed: by-breakfast · 3 ends");
  expect(rows[0]?.textContent).toContain("mail: no route");
  expect(rows[1]?.textContent).toContain("ops");
});

it("is nothing for a run without either", () => {
  expect(show({}).textContent).toBe("");
});

it("counts an alert as failed as soon as one target was given up", () => {
  expect([ALERT, { ...ALERT, doneAt: null }, { ...ALERT, failed: { mail: "no" } }].map(lookOf)).toEqual(["Success", "Queued", "Failed"]);
});
