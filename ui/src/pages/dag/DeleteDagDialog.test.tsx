import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeQueries } from "../../api/hooks";
import type { DagLine } from "../../api/schema";
import { ToastProvider } from "../../parts/Toast";
import { DeleteDagDialog } from "./DeleteDagDialog";

const DAG = { namespace: "team", name: "etl", activeRuns: 2 } as DagLine;
const DONE = { kind: "Dag", namespace: "team", name: "etl", body: {}, command: "kubectl -n team delete dags.slipway.dev etl" };
let sent: { method: string; dryRun: string | null }[] = [];

beforeEach(() => {
  sent = [];
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const dryRun = new URL(request.url).searchParams.get("dryRun");
    sent.push({ method: request.method, dryRun });
    const body = { ...DONE, dryRun: dryRun === "true", along: { DagRun: 12, TaskRun: 40, Pod: 3 } };
    return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  });
});
afterEach(cleanup);

it("names what goes along, and deletes once the name was typed", async () => {
  const closed = vi.fn();
  render(
    <QueryClientProvider client={makeQueries()}>
      <ToastProvider>
        <DeleteDagDialog dag={DAG} onClose={closed} />
      </ToastProvider>
    </QueryClientProvider>,
  );
  expect(await screen.findByText("12 DagRuns, 40 TaskRuns and 3 Pods")).toBeTruthy();
  expect(screen.getByText("2 of its runs are active.")).toBeTruthy();
  expect(screen.getByText("kubectl -n team delete dags.slipway.dev etl")).toBeTruthy();
  const confirm = screen.getByRole("button", { name: "Delete the Dag" });
  const name = screen.getByLabelText("Type etl to delete it");
  for (const typed of ["", "et", "etl "]) {
    fireEvent.change(name, { target: { value: typed } });
    expect(confirm.hasAttribute("disabled")).toBe(true);
  }
  fireEvent.change(name, { target: { value: "etl" } });
  fireEvent.click(confirm);
  await waitFor(() => expect(closed).toHaveBeenCalledOnce());
  expect(sent[0]).toEqual({ method: "DELETE", dryRun: "true" });
  expect(sent.filter(({ dryRun }) => dryRun !== "true")).toEqual([{ method: "DELETE", dryRun: null }]);
});
