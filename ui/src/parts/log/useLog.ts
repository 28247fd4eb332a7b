/** The address of a log -> its lines as they come. */
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { asProblem, problemOf, unreachable, type Problem } from "../../api/problem";
import { LogBuffer, MOST_LINES } from "./buffer";

export type LogState = {
  buffer: LogBuffer;
  /**
   * opening   nothing has come yet
   * reading   lines come, or will
   * ended     that was all
   * waiting   there is nothing to read yet; it is tried again
   * gone      there is none, and why
   * failed    it could not be read
   */
  status: "opening" | "reading" | "ended" | "waiting" | "gone" | "failed";
  problem: Problem | null;
  /** From the Pod, or from what was kept of it. */
  source: "live" | "archived" | null;
  /** Bytes of the middle that were not kept. */
  leftOut: number;
  /** Times were asked for, and there are none. */
  lacksTimes: boolean;
  bytes: number;
  /** Rises with every change of the buffer. */
  version: number;
};

const DRAW_MS = 80;
const RETRY_MS = 3000;
/** A log that has ended though its task goes on is read again after this time. */
const BROKEN_OFF_MS = 10_000;
/** Statuses that say "not yet": the container has not begun, or something is down. */
const LATER = new Set([0, 409, 425, 429, 502, 503, 504]);

export type LogQuestion = {
  /** The log's address, with its query. */
  url: string;
  /** Whether more may come when it breaks off. */
  isLive: boolean;
  enabled: boolean;
};

/** How the API is asked for the end of a log: all of it, if it has no more lines than are kept. */
export function logUrl(path: { ns: string; run: string; task: string; attempt: number }, query: { index: number | undefined; timestamps: boolean }): string {
  const words = new URLSearchParams({ follow: "true", tail: String(MOST_LINES) });
  if (query.timestamps) {
    words.set("timestamps", "true");
  }
  return `${logPath(path)}?${withIndex(words, query.index)}`;
}

/** The whole log as a file; one that is still written, as far as the server gives it at once. */
export function downloadUrl(path: Parameters<typeof logPath>[0], index: number | undefined, isLive: boolean): string {
  return `${logPath(path)}?${withIndex(new URLSearchParams(isLive ? {} : { follow: "true" }), index)}`;
}

function logPath({ ns, run, task, attempt }: { ns: string; run: string; task: string; attempt: number }): string {
  const [inNs, inRun, inTask] = [ns, run, task].map(encodeURIComponent);
  return `/api/v1/namespaces/${inNs}/runs/${inRun}/tasks/${inTask}/attempts/${attempt}/log`;
}

function withIndex(words: URLSearchParams, index: number | undefined): URLSearchParams {
  if (index !== undefined) {
    words.set("index", String(index));
  }
  return words;
}

type Told = Omit<LogState, "version">;

function nothing(): Told {
  return { buffer: new LogBuffer(), status: "opening", problem: null, source: null, leftOut: 0, lacksTimes: false, bytes: 0 };
}

/** The log as it grows; `again` reads it anew. */
export function useLog({ url, isLive, enabled }: LogQuestion): LogState & { again: () => void } {
  const [drawn, setDrawn] = useState<LogState>(() => ({ ...nothing(), version: 0 }));
  const told = useRef<Told>(drawn);
  const [turn, setTurn] = useState({ url, number: 0 });
  const mayGrow = useRef(isLive);
  useEffect(() => {
    mayGrow.current = isLive;
  });

  useEffect(() => {
    if (!enabled) {
      return undefined;
    }
    const stop = new AbortController();
    const now = nothing();
    // What was read of this log stays on show until the new reading has got as far.
    const before = turn.number > 0 && turn.url === url && told.current.buffer.kept > 0 ? told.current : null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawing: ReturnType<typeof setTimeout> | undefined;

    function show(what: Told) {
      told.current = what;
      drawing ??= setTimeout(() => {
        drawing = undefined;
        setDrawn(({ version }) => ({ ...told.current, version: version + 1 }));
      }, DRAW_MS);
    }
    function readLater(milliseconds: number) {
      timer = setTimeout(() => setTurn(({ number }) => ({ url, number: number + 1 })), milliseconds);
    }
    async function follow() {
      try {
        await read(url, stop.signal, now, () => show(before !== null && before.buffer.end > now.buffer.end ? before : now));
        show(now);
        if (mayGrow.current) {
          readLater(BROKEN_OFF_MS);
        }
      } catch (error) {
        if (stop.signal.aborted) {
          return;
        }
        const problem = error instanceof TypeError ? unreachable() : asProblem(error);
        const isLater = LATER.has(problem.status);
        const held = before !== null && before.buffer.end > now.buffer.end ? before : now;
        show(Object.assign(held, { problem, status: problem.status === 410 ? "gone" : isLater ? "waiting" : "failed" }));
        if (isLater) {
          readLater(RETRY_MS);
        } else if (problem.status === 401) {
          // Its answer leads to the sign-in.
          await api.GET("/api/v1/session").catch(() => undefined);
        }
      }
    }

    if (before === null) {
      show(now);
    }
    void follow();
    return () => {
      stop.abort();
      clearTimeout(timer);
      clearTimeout(drawing);
    };
  }, [url, enabled, turn]);

  const again = useCallback(() => setTurn(({ number }) => ({ url, number: number + 1 })), [url]);
  return { ...drawn, again };
}

async function read(url: string, signal: AbortSignal, told: Told, tell: () => void): Promise<void> {
  const response = await fetch(url, { signal, credentials: "same-origin", headers: { Accept: "text/plain, application/problem+json" } });
  if (!response.ok || response.body === null) {
    throw await problemOf(response);
  }
  told.status = "reading";
  told.source = response.headers.get("x-slipway-log") === "archived" ? "archived" : "live";
  told.leftOut = Number(response.headers.get("x-slipway-log-truncated") ?? 0);
  told.lacksTimes = response.headers.get("x-slipway-log-timestamps") === "unavailable";
  tell();
  const reader = response.body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      told.bytes += piece.value.length;
      told.buffer.push(piece.value);
      tell();
    }
  } finally {
    told.buffer.finish();
  }
  told.status = "ended";
}
