import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bytes } from "./bytes";
import { LogView } from "./LogView";
import { notesOf } from "./notes";
import { LogBuffer } from "./buffer";
import { downloadUrl, logUrl } from "./useLog";

const SEEN = { ns: "team", run: "r-1", task: "load", index: 3, attempt: 2, isLive: false, elsewhere: [{ to: "?tab=why", label: "Why?" }] };

function view(answer: Response, at = "/") {
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(answer));
  render(
    <MemoryRouter initialEntries={[at]}>
      <LogView {...SEEN} />
    </MemoryRouter>,
  );
}

function problem(status: number, detail: string, wayOn: string): Response {
  const body = { type: "urn:x", title: "Not there", status, detail, wayOn, requestId: "id-1" };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

beforeEach(() => {
  // jsdom lays nothing out: a box of 600 x 800 lets the virtual rows be drawn.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(800);
  Element.prototype.scrollTo = () => undefined;
});
afterEach(cleanup);

describe("LogView", () => {
  it("shows what the task wrote as text, however it looks", async () => {
    view(new Response("<img src=x onerror=alert(1)>\n\u001B[31mred\u001B[0m\n", { headers: { "x-slipway-log": "live" } }));
    expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeTruthy();
    expect(document.querySelector(".log-text img")).toBeNull();
    expect(screen.getByText("red").className).toBe("ansi-red-fg");
  });

  it("asks for the end of the log, and follows it", () => {
    expect(logUrl(SEEN, { index: 3, timestamps: true })).toBe(
      "/api/v1/namespaces/team/runs/r-1/tasks/load/attempts/2/log?follow=true&tail=200000&timestamps=true&index=3",
    );
    expect(downloadUrl(SEEN, undefined, true)).toBe("/api/v1/namespaces/team/runs/r-1/tasks/load/attempts/2/log?");
    expect(downloadUrl(SEEN, 3, false)).toContain("follow=true&index=3");
  });

  it("goes on to follow when the browser scrolls as lines come and go, and stops when the reader does", async () => {
    let more: ReadableStreamDefaultController<Uint8Array> | undefined;
    const written = new ReadableStream<Uint8Array>({ start: (controller) => void (more = controller) });
    const write = (text: string) => more?.enqueue(new TextEncoder().encode(text));
    view(new Response(written));
    write("one\n");
    await screen.findByText("one");
    const box = screen.getByRole("region", { name: "Lines" });
    const isFollowing = () => screen.getByRole("button", { name: "Follow" }).getAttribute("aria-pressed");
    const height = vi.spyOn(box, "scrollHeight", "get");
    const scroll = (top: number, tall: number) => {
      height.mockReturnValue(tall);
      fireEvent.scroll(box, { target: { scrollTop: top } });
    };
    scroll(9400, 10_000);
    write("two\n");
    await screen.findByText("two");
    scroll(8000, 10_000);
    expect(isFollowing()).toBe("true");
    scroll(7000, 10_000);
    expect(isFollowing()).toBe("false");
    scroll(9400, 10_000);
    expect(isFollowing()).toBe("true");
  });

  it("hides lines by level and says how many", async () => {
    view(new Response("INFO a\nERROR b\nINFO c\n"), "/?level=error");
    expect(await screen.findByText("ERROR b")).toBeTruthy();
    expect(screen.queryByText("INFO a")).toBeNull();
    expect(screen.getByText(/2 lines hidden by the filters/)).toBeTruthy();
  });

  it("counts the lines that match", async () => {
    view(new Response("one\ntwo\nanother one\n"), "/?q=one");
    expect(await screen.findByText("2 lines match")).toBeTruthy();
    expect([...document.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["one", "one"]);
  });

  it("says that a log is archived and how much of it is missing", async () => {
    view(new Response("end\n", { headers: { "x-slipway-log": "archived", "x-slipway-log-truncated": "2500000" } }));
    expect(await screen.findByText(/archived: the Pod is gone/)).toBeTruthy();
    expect(screen.getByText(/2.5 MB of the middle were not kept/)).toBeTruthy();
  });

  it("says why there is none yet, and where to look", async () => {
    view(problem(409, "Container main waits: ImagePullBackOff", "Ask again once the task runs"));
    expect(await screen.findByText("There is no log yet")).toBeTruthy();
    expect(screen.getByText("Container main waits: ImagePullBackOff")).toBeTruthy();
    expect(screen.getByText("Why?")).toBeTruthy();
  });

  it("says why there is none any more", async () => {
    view(problem(410, "The log of Pod x was thrown away after 30 days", "See the setting"));
    expect(await screen.findByText("There is no log any more")).toBeTruthy();
    expect(screen.getByText("The log of Pod x was thrown away after 30 days")).toBeTruthy();
  });

  it("says when the task wrote nothing", async () => {
    view(new Response(""));
    expect(await screen.findByText("The log is empty")).toBeTruthy();
  });
});

describe("notesOf", () => {
  it("tells that the beginning of a long log was let go", () => {
    const buffer = new LogBuffer({ lines: 2, characters: 1e6, line: 10 });
    buffer.push(new TextEncoder().encode("1\n2\n3\n"));
    buffer.finish();
    const [note] = notesOf({ buffer, leftOut: 0, lacksTimes: false, problem: null, status: "ended" });
    expect(note).toContain("1 line of these were let go again");
  });
});

describe("bytes", () => {
  it("has one form for each size", () => {
    expect([0, 1, 999, 1500, 25_000, 2_500_000, 1e9].map(bytes)).toEqual([
      "0 bytes", "1 byte", "999 bytes", "1.5 KB", "25 KB", "2.5 MB", "1.0 GB",
    ]);
  });
});
