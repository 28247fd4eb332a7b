import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeQueries } from "../api/hooks";
import { ToastProvider } from "../parts/Toast";
import { ClearDialog } from "./ClearDialog";
import { MarkDialog } from "./MarkDialog";

type Asked = { dryRun: boolean; expect?: string; tasks: string[]; downstream: boolean; onlyFailed?: boolean };

/** A server whose run changes after the first dry run. */
let answers: { cleared: string[]; marked?: string[]; token: string }[] = [];
let sent: Asked[] = [];

function answer(body: unknown, status = 200): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

async function server(request: Request): Promise<Response> {
  const asked = (await request.json()) as Asked;
  sent.push(asked);
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
      <ToastProvider>{dialog}</ToastProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  sent = [];
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
    expect(await screen.findByText(/The run has changed since/)).toBeTruthy();
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

describe("marking", () => {
  it("lists what is marked and what is cleared behind it for its sake", async () => {
    answers = [{ marked: ["load"], cleared: ["report"], token: "one" }];
    show(<MarkDialog ns="team" run="etl-1" tasks={["load"]} onClose={() => undefined} />);
    expect(await screen.findByText("1 task would be marked success")).toBeTruthy();
    expect(screen.getByText("1 task behind, failed for their sake, would be cleared")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Mark 1 task success" })).toBeTruthy();
  });
});
