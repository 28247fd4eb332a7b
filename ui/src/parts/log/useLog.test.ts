import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useLog } from "./useLog";

/** A log that is written while it is read. */
class Writing {
  private writer!: ReadableStreamDefaultController<Uint8Array>;
  readonly response = new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.writer = controller;
      },
    }),
    { headers: { "x-slipway-log": "live" } },
  );

  write(text: string): void {
    this.writer.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    this.writer.close();
  }

  breakOff(): void {
    this.writer.error(new TypeError("network error"));
  }
}

function refusal(status: number, detail: string): Response {
  const body = { type: "urn:x", title: "No", status, detail, requestId: "id" };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

const asked: string[] = [];

function answers(...given: Response[]): void {
  asked.length = 0;
  vi.spyOn(globalThis, "fetch").mockImplementation((url) => {
    asked.push(String(url));
    return Promise.resolve(given.shift() ?? refusal(404, "asked too often"));
  });
}

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));
const linesOf = ({ buffer }: { buffer: { first: number; kept: number; line: (number: number) => string } }) =>
  Array.from({ length: buffer.kept }, (_, place) => buffer.line(buffer.first + place));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("useLog", () => {
  it("shows lines as they are written", async () => {
    const log = new Writing();
    answers(log.response);
    const { result } = renderHook(() => useLog({ url: "/log", isLive: true, enabled: true }));
    await pass(200);
    log.write("one\ntw");
    await pass(200);
    expect([result.current.status, result.current.source, linesOf(result.current)]).toEqual(["reading", "live", ["one"]]);
    log.write("o\n");
    await pass(200);
    expect(linesOf(result.current)).toEqual(["one", "two"]);
  });

  it("asks again until the container has begun", async () => {
    answers(refusal(409, "Container main waits: ContainerCreating"), new Response("begun\n"));
    const { result } = renderHook(() => useLog({ url: "/log", isLive: false, enabled: true }));
    await pass(200);
    expect([result.current.status, result.current.problem?.message]).toEqual(["waiting", "Container main waits: ContainerCreating"]);
    await pass(3200);
    await pass(200);
    expect([result.current.status, linesOf(result.current)]).toEqual(["ended", ["begun"]]);
  });

  it("keeps what it has while a broken connection is made again, and doubles nothing", async () => {
    const [first, second] = [new Writing(), new Writing()];
    answers(first.response, second.response);
    const { result } = renderHook(() => useLog({ url: "/log", isLive: true, enabled: true }));
    await pass(200);
    first.write("one\ntwo\n");
    await pass(200);
    first.breakOff();
    await pass(200);
    expect([result.current.status, linesOf(result.current)]).toEqual(["waiting", ["one", "two"]]);
    await pass(3200);
    second.write("one\n");
    await pass(200);
    expect(linesOf(result.current)).toEqual(["one", "two"]);
    second.write("two\nthree\n");
    await pass(200);
    expect([result.current.status, result.current.problem, linesOf(result.current)]).toEqual(["reading", null, ["one", "two", "three"]]);
  });

  it("does not ask again for a log that is gone, or that the reader may not see", async () => {
    for (const [status, told] of [[410, "gone"], [403, "failed"], [404, "failed"]] as const) {
      answers(refusal(status, "no"));
      const { result, unmount } = renderHook(() => useLog({ url: "/log", isLive: true, enabled: true }));
      // oxlint-disable-next-line no-await-in-loop
      await pass(60_000);
      expect([result.current.status, asked.length]).toEqual([told, 1]);
      unmount();
    }
  });

  it("stops reading when the page is left", async () => {
    let signal: AbortSignal | null | undefined;
    vi.spyOn(globalThis, "fetch").mockImplementation((_, init) => {
      signal = init?.signal;
      return new Promise(() => undefined);
    });
    const { unmount } = renderHook(() => useLog({ url: "/log", isLive: true, enabled: true }));
    await pass(100);
    expect(signal?.aborted).toBe(false);
    unmount();
    expect(signal?.aborted).toBe(true);
  });
});
