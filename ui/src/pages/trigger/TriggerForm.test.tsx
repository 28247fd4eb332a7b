import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeQueries } from "../../api/hooks";
import type { DagLine } from "../../api/schema";
import { ToastProvider } from "../../parts/Toast";
import { TriggerForm } from "./TriggerForm";

type Sent = { dryRun: boolean; params: Record<string, unknown>; name?: string };

const DAG = { name: "etl", namespace: "team" } as DagLine;
const PARAMS = { day: { type: "string", format: "date" }, more: { type: "object", default: {} } };

let sent: Sent[] = [];

/** A server that knows the params' schemas better than the form: `more.rows` must be there. */
async function server(request: Request): Promise<Response> {
  if (request.method === "GET") {
    const run = new URL(request.url).pathname.endsWith("/runs") ? { items: [], next: null } : { name: "etl-1" };
    return Response.json(run);
  }
  const asked = (await request.json()) as Sent;
  sent.push(asked);
  if (asked.params["more"] !== undefined && !("rows" in (asked.params["more"] as object))) {
    const errors = [{ pointer: "/params/more", message: "param more is wrong: 'rows' is a required property" }];
    const body = { status: 422, title: "The request can't be understood", detail: "wrong", type: "", requestId: "", errors };
    return new Response(JSON.stringify(body), { status: 422, headers: { "content-type": "application/problem+json" } });
  }
  const manifest = { kind: "DagRun", metadata: { name: "etl-1", namespace: "team" }, spec: { params: asked.params } };
  return Response.json({ dryRun: asked.dryRun, kind: "DagRun", namespace: "team", name: "etl-1", body: manifest, command: "" }, { status: 201 });
}

beforeEach(() => {
  sent = [];
  vi.stubGlobal("fetch", server);
  render(
    <QueryClientProvider client={makeQueries()}>
      <ToastProvider>
        <MemoryRouter initialEntries={["/dags/team/etl/trigger"]}>
          <Routes>
            <Route path="/dags/:ns/:dag/trigger" element={<TriggerForm ns="team" dag={DAG} params={PARAMS} />} />
            <Route path="/runs/:ns/:run" element={<p>The page of the run</p>} />
          </Routes>
        </MemoryRouter>
      </ToastProvider>
    </QueryClientProvider>,
  );
});
afterEach(cleanup);

const field = (label: string) => screen.getByLabelText(label).closest<HTMLElement>(".field") as HTMLElement;

it("asks nothing of the server while a needed value is missing, and says beside its field that it is", async () => {
  fireEvent.click(screen.getByRole("button", { name: "Trigger" }));
  expect(await screen.findByText(/Something above is not right yet/)).toBeTruthy();
  expect(within(field("day (required)")).getByText(/A value is needed/)).toBeTruthy();
  expect(sent).toEqual([]);
});

it("shows what the server finds wrong beside the field that its pointer names", async () => {
  fireEvent.change(screen.getByLabelText("day (required)"), { target: { value: "2026-01-31" } });
  fireEvent.change(screen.getByLabelText("more"), { target: { value: '{"x": 1}' } });
  await waitFor(() => expect(within(field("more")).getByText(/'rows' is a required property/)).toBeTruthy());
  expect(screen.getByLabelText("more").getAttribute("aria-invalid")).toBe("true");
  expect(sent.every((each) => each.dryRun)).toBe(true);
});

it("previews the manifest, asks for a dry run, creates the run, and goes to its page", async () => {
  fireEvent.change(screen.getByLabelText("day (required)"), { target: { value: "2026-01-31" } });
  const preview = await screen.findByRole("region", { name: "DagRun as YAML" });
  expect(preview.textContent).toContain('day: "2026-01-31"');
  fireEvent.click(screen.getByRole("button", { name: "Trigger" }));
  expect(await screen.findByText("The page of the run")).toBeTruthy();
  expect(sent.slice(-2).map((each) => each.dryRun)).toEqual([true, false]);
  expect(sent.at(-1)?.params).toEqual({ day: "2026-01-31" });
});
