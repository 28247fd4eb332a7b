import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { about, type About } from "./about";
import { Live } from "./live";

/** An EventSource that the test speaks for. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 1;
  constructor(readonly url: string) {
    super();
    sources.push(this);
  }

  close() {
    this.readyState = 2;
  }

  say(type: string, data: unknown, lastEventId = "7") {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }

  fail(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

let sources: Source[] = [];
let queries: QueryClient;
let live: Live;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Source);
  sources = [];
  hide(false);
  queries = new QueryClient();
  live = new Live(queries, (url) => new Source(url) as unknown as EventSource);
  stop = live.start();
});

afterEach(() => {
  stop();
  queries.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function hide(hidden: boolean) {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** A query on show; the answer counts how often it was asked. */
function shown(name: string, abouts: readonly About[], seconds = 0) {
  const asked = vi.fn(() => new Promise<string>((resolve) => setTimeout(() => resolve(name), seconds * 1000)));
  const observer = new QueryObserver(queries, { queryKey: [name], queryFn: asked, meta: { about: abouts } });
  observer.subscribe(() => undefined);
  return asked;
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

it("asks again only what shows a changed row, within a second", async () => {
  sources[0]?.say("changes", {});
  const etl = shown("etl", [about(["runs"], { namespace: "a", dag: "etl" })]);
  const other = shown("other", [about(["runs"], { namespace: "a", dag: "other" })]);
  const dags = shown("dags", [about(["dags"])]);
  await pass(1);
  sources[0]?.say("changes", { runs: [["a", "etl", "etl-1", "Success", "3/3"]] });
  await pass(1);
  expect([etl, other, dags].map((asked) => asked.mock.calls.length)).toEqual([2, 1, 1]);
  expect(live.current()).toBe("live");
});

it("does not begin a slow question anew with each change, but asks once more after it", async () => {
  sources[0]?.say("changes", {});
  const slow = shown("slow", [about(["tasks"])], 3);
  await pass(4);
  for (let second = 0; second < 2; second += 0.5) {
    sources[0]?.say("changes", { tasks: [["a", "etl", "etl-1", "load", null, "Running", 1]] });
    await pass(0.5);
  }
  expect(slow).toHaveBeenCalledTimes(2);
  await pass(8);
  expect(slow).toHaveBeenCalledTimes(3);
});

it("polls when the stream fails, and streams again later", async () => {
  const asked = shown("dags", [about(["dags"])]);
  const still = shown("revision", []);
  await pass(1);
  sources[0]?.fail(Source.CLOSED);
  expect(live.current()).toBe("polling");
  await pass(9);
  expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(still).toHaveBeenCalledTimes(1);
  await pass(15);
  expect(sources).toHaveLength(2);
  sources[1]?.say("changes", {}, "8");
  expect(live.current()).toBe("live");
});

it("gives up a stream that ends again and again without a word", async () => {
  sources[0]?.fail(0);
  sources[0]?.fail(0);
  expect(sources[0]?.readyState).toBe(0);
  sources[0]?.fail(0);
  expect(sources[0]?.readyState).toBe(2);
});

it("asks nothing while the tab is hidden, and goes on where it was", async () => {
  const asked = shown("dags", [about(["dags"])]);
  sources[0]?.say("changes", {}, "41");
  await pass(1);
  const before = asked.mock.calls.length;
  hide(true);
  expect(live.current()).toBe("paused");
  expect(sources[0]?.readyState).toBe(2);
  await pass(60);
  expect(asked).toHaveBeenCalledTimes(before);
  hide(false);
  expect(sources.at(-1)?.url).toBe("/api/v1/events?since=41");
});

it("asks everything anew after a reset, and lets listeners have the rows", async () => {
  const heard = vi.fn();
  live.listen(heard);
  const asked = shown("pools", [about(["pools"])]);
  sources[0]?.say("changes", { pools: [["b", "db"]] });
  await pass(1);
  const before = asked.mock.calls.length;
  sources[0]?.say("reset", { message: "Fetch anew" }, "90");
  await pass(1);
  expect(asked.mock.calls.length).toBe(before + 1);
  expect(heard).toHaveBeenCalledExactlyOnceWith({ pools: [["b", "db"]] });
});
