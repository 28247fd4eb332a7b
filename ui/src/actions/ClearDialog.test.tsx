import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryRouter } from "react-router";
import { makeQueries } from "../api/hooks";
import { ToastProvider } from "../parts/Toast";
import { ClearDialog } from "./ClearDialog";
import { MarkDialog } from "./MarkDialog";

type Beside = { namespace: string; name: string; past: boolean; future: boolean };
type Asked = { dryRun: boolean; expect?: string; tasks: string[]; downstream: boolean; onlyFailed?: boolean; beside?: Beside };

/** A server whose run changes after the first dry run. */
let answers: { cleared: string[]; marked?: string[]; token: string }[] = [];
let sent: Asked[] = [];

function answer(body: unknown, status = 200): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

/** Rows of what is asked by GET, by the end of the address. */
let rows: Record<string, unknown> = {};
const DONE = { kind: "DagRun", namespace: "team", name: "etl-1", body: {}, command: "" };

/** What several runs would have cleared; one of them can't. */
function inBulk(asked: Asked): Response {
  const dryRun = asked.dryRun ?? false;
  const item = (run: string, cleared: string[]) => ({ namespace: "team", run, outcome: { ...DONE, dryRun, name: run, cleared }, problem: null });
  const problem = { status: 409, title: "", type: "", requestId: "", detail: "The run has not begun" };
  const items = [item("etl-1", ["load"]), item("etl-0", ["load[0]", "load[1]"]), item("etl-00", []), { namespace: "team", run: "etl-2", outcome: null, problem }];
  return answer({ dryRun, items, token: "many" });
}

async function server(request: Request): Promise<Response> {
  if (request.method === "GET") {
    const found = rows[new URL(request.url).pathname.split("/").at(-1) ?? ""];
    return found === undefined ? answer({ status: 404, detail: "", title: "", type: "", requestId: "" }, 404) : answer(found);
  }
  const asked = (await request.json()) as Asked;
  sent.push(asked);
  if (request.url.includes("/bulk/")) {
    return inBulk(asked);
  }
  const [now] = answers;
  if (now === undefined) {
    return answer({ status: 500, detail: "no answer is left", title: "", type: "", requestId: "" }, 500);
  }
  if (asked.dryRun) {
    return answer({ dryRun: true, kind: "DagRun", namespace: "team", name: "etl-1", body: {}, command: "", ...now });
  }
  if (asked.expect !== now.token) {
    return answer({ status: 409, title: "It has changed meanwhile", detail: "Other tasks would be touched", type: "", requestId: "r1" }, 409);
  }
  return answer({ dryRun: false, kind: "DagRun", namespace: "team", name: "etl-1", body: {}, command: "", ...now });
}

function show(dialog: React.ReactNode) {
  render(
    <QueryClientProvider client={makeQueries()}>
      <ToastProvider>
        <MemoryRouter>{dialog}</MemoryRouter>
      </ToastProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  sent = [];
  rows = {};
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  vi.stubGlobal("fetch", server);
});
afterEach(cleanup);

describe("clearing", () => {
  it("lists what is touched, has Cancel focused, and sends the token of the list that was read", async () => {
    answers = [{ cleared: ["load[0]", "load[1]", "report"], token: "one" }];
    const closed = vi.fn();
    show(<ClearDialog ns="team" run="etl-1" tasks={["load"]} onClose={closed} />);
    expect(document.activeElement?.textContent).toBe("Cancel");
    fireEvent.click(await screen.findByRole("button", { name: "Clear 3 tasks" }));
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(sent[0]).toMatchObject({ dryRun: true, tasks: ["load"], downstream: true });
    expect(sent.find((each) => !each.dryRun)).toMatchObject({ expect: "one", tasks: ["load"], downstream: true });
    expect(screen.getByText("3 tasks of etl-1 cleared: they begin anew")).toBeTruthy();
  });

  it("does nothing when the run has changed since, says so, and shows the new list", async () => {
    answers = [{ cleared: ["load", "report"], token: "one" }];
    const closed = vi.fn();
    show(<ClearDialog ns="team" run="etl-1" tasks={["load"]} onClose={closed} />);
    const confirm = await screen.findByRole("button", { name: "Clear 2 tasks" });
    answers = [{ cleared: ["load", "tell", "mail"], token: "two" }];
    fireEvent.click(confirm);
    expect(await screen.findByText(/has changed since this list/)).toBeTruthy();
    expect(screen.getByText("New in it: tell, mail")).toBeTruthy();
    expect(screen.getByText("No longer in it: report")).toBeTruthy();
    expect(closed).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole("button", { name: "Clear 3 tasks" }));
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(sent.findLast((each) => !each.dryRun)).toMatchObject({ expect: "two" });
  });

  it("says why nothing would be cleared, and can't be confirmed then", async () => {
    answers = [{ cleared: [], token: "none" }];
    show(<ClearDialog ns="team" run="etl-1" onlyFailed onClose={() => undefined} />);
    expect(await screen.findByText(/None of these tasks has failed/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Clear" }).hasAttribute("disabled")).toBe(true);
    expect(sent[0]).toMatchObject({ tasks: [], onlyFailed: true, downstream: false });
  });
});

describe("clearing in other runs, too", () => {
  it("lists each run with its tasks, says which can't, and sends the token of that list", async () => {
    answers = [{ cleared: ["load"], token: "one" }];
    const closed = vi.fn();
    show(<ClearDialog ns="team" run="etl-1" tasks={["load"]} onClose={closed} />);
    await screen.findByRole("button", { name: "Clear 1 task" });
    fireEvent.click(screen.getByLabelText("also in all earlier runs"));
    fireEvent.click(await screen.findByRole("button", { name: "Clear 3 tasks of 2 runs" }));
    expect(screen.getByText("2 cleared: load [0–1]")).toBeTruthy();
    expect(screen.getByText("1 run has nothing that this would touch.")).toBeTruthy();
    expect(screen.getByText("The run has not begun")).toBeTruthy();
    expect(screen.getByText(/--downstream --past$/)).toBeTruthy();
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    const beside = { namespace: "team", name: "etl-1", past: true, future: false };
    expect(sent.findLast((each) => !each.dryRun)).toMatchObject({ expect: "many", beside, tasks: ["load"], downstream: true });
    expect(screen.getByText("3 tasks of 2 runs cleared: they begin anew; not possible for 1 run")).toBeTruthy();
  });
});

describe("a run of an earlier version", () => {
  it("says that it stays with it, and how to run the newest", async () => {
    answers = [{ cleared: ["load"], token: "one" }];
    rows = { "etl-1": { dag: "etl", revision: "etl-old", state: "Failed" }, etl: { revision: "etl-new" } };
    show(<ClearDialog ns="team" run="etl-1" onClose={() => undefined} />);
    const link = await screen.findByRole("link", { name: "trigger a new run" });
    expect(link.getAttribute("href")).toBe("/dags/team/etl/trigger?from=etl-1");
    expect(screen.getByText("etl-old")).toBeTruthy();
  });

  it("says nothing where it is the newest", async () => {
    answers = [{ cleared: ["load"], token: "one" }];
    rows = { "etl-1": { dag: "etl", revision: "etl-new", state: "Failed" }, etl: { revision: "etl-new" } };
    show(<ClearDialog ns="team" run="etl-1" onClose={() => undefined} />);
    await screen.findByRole("button", { name: "Clear 1 task" });
    expect(screen.queryByText(/The Dag has changed/)).toBeNull();
  });
});

describe("marking", () => {
  it("marks whole runs, those before it too", async () => {
    answers = [{ marked: [], cleared: [], token: "one" }];
    show(<MarkDialog ns="team" run="etl-1" onClose={() => undefined} />);
    await screen.findByRole("button", { name: "Mark the run success" });
    fireEvent.click(screen.getByLabelText("also in all earlier runs"));
    expect(await screen.findByRole("button", { name: "Mark 3 runs success" })).toBeTruthy();
  });

  it("lists what is marked and what is cleared behind it for its sake", async () => {
    answers = [{ marked: ["load"], cleared: ["report"], token: "one" }];
    show(<MarkDialog ns="team" run="etl-1" tasks={["load"]} onClose={() => undefined} />);
    expect(await screen.findByText("1 task would be marked success")).toBeTruthy();
    expect(screen.getByText("1 task behind, failed for their sake, would be cleared")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Mark 1 task success" })).toBeTruthy();
  });
});
