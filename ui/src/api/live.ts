/**
 * Changes in the metastore -> the queries that show them are asked again.
 *
 *   live      one EventSource for the whole tab
 *   polling   the stream can't be had: every query that is on show is asked again each 4 s; an ETag makes that cheap
 *   paused    the tab is hidden: nothing is asked; on return the stream resumes where it was
 *
 * A query says what it shows in its `meta.about` (see hooks.ts).
 */
import type { Query, QueryClient } from "@tanstack/react-query";
import type { About } from "./about";
import { touches, type Changes } from "./about";

export type LiveState = "live" | "polling" | "paused";

const POLL_MS = 4000;
const TICK_MS = 250;
const RETRY_MS = 20_000;
/** A stream that fails so often without one event is given up for a while. */
const MOST_FAILURES = 3;

type Stop = () => void;
type Opener = (url: string) => EventSource;

export class Live {
  private state: LiveState = "polling";
  private source: EventSource | null = null;
  private seen: string | null = null;
  private failures = 0;
  private readonly due = new Set<string>();
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Set<(changes: Changes) => void>();
  private readonly timers = new Set<ReturnType<typeof setInterval>>();
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly open: Opener = (url) => new EventSource(url),
  ) {}

  /** Begin; the answer ends it. */
  start(): Stop {
    const turn = () => (document.hidden ? this.pause() : this.resume());
    document.addEventListener("visibilitychange", turn);
    this.timers.add(setInterval(() => this.tick(), TICK_MS));
    this.timers.add(setInterval(() => this.poll(), POLL_MS));
    turn();
    return () => {
      document.removeEventListener("visibilitychange", turn);
      this.timers.forEach(clearInterval);
      this.timers.clear();
      this.close();
    };
  }

  /** For useSyncExternalStore. */
  readonly watch = (watcher: () => void): Stop => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly current = (): LiveState => this.state;

  /** Be told of each batch of changed rows as it comes, such as to colour cells at once. */
  listen(listener: (changes: Changes) => void): Stop {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private pause(): void {
    this.close();
    this.turnTo("paused");
  }

  private resume(): void {
    if (this.state === "paused" && this.seen === null) {
      this.markAll();
    }
    this.failures = 0;
    this.turnTo("polling");
    this.connect();
  }

  private connect(): void {
    this.close();
    const source = this.open(this.seen === null ? "/api/v1/events" : `/api/v1/events?since=${this.seen}`);
    this.source = source;
    source.addEventListener("open", () => this.turnTo("live"));
    source.addEventListener("changes", (event) => {
      this.heard(event);
      const changes = JSON.parse(event.data as string) as Changes;
      this.mark(changes);
      this.listeners.forEach((listener) => listener(changes));
    });
    source.addEventListener("reset", (event) => {
      this.heard(event);
      this.markAll();
    });
    source.addEventListener("lost", () => this.markAll());
    source.addEventListener("error", () => this.failed(source));
  }

  private heard(event: MessageEvent): void {
    const isFirst = this.seen === null;
    this.seen = event.lastEventId || this.seen;
    this.failures = 0;
    this.turnTo("live");
    if (isFirst) {
      this.markAll();
    }
  }

  private failed(source: EventSource): void {
    if (source !== this.source) {
      return;
    }
    this.failures += 1;
    this.turnTo("polling");
    if (source.readyState === EventSource.CLOSED || this.failures >= MOST_FAILURES) {
      this.close();
      this.retry = setTimeout(() => this.connect(), RETRY_MS);
    }
  }

  private close(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  private poll(): void {
    if (this.state === "polling") {
      this.markAll();
    }
  }

  private mark(changes: Changes): void {
    for (const query of this.queries.getQueryCache().getAll()) {
      if (touches(changes, aboutOf(query))) {
        this.due.add(query.queryHash);
      }
    }
  }

  private markAll(): void {
    for (const query of this.queries.getQueryCache().getAll()) {
      if (aboutOf(query).length > 0) {
        this.due.add(query.queryHash);
      }
    }
  }

  /** Ask the marked queries again; one that is being asked waits for the next tick, so that it ends at all. */
  private tick(): void {
    const cache = this.queries.getQueryCache();
    for (const hash of this.due) {
      const query = cache.get(hash);
      if (query === undefined || query.state.fetchStatus !== "fetching") {
        this.due.delete(hash);
      }
      if (query !== undefined && query.state.fetchStatus !== "fetching") {
        void this.queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
      }
    }
  }

  private turnTo(state: LiveState): void {
    if (state !== this.state) {
      this.state = state;
      this.watchers.forEach((watcher) => watcher());
    }
  }
}

function aboutOf(query: Query): readonly About[] {
  return (query.meta?.["about"] as readonly About[] | undefined) ?? [];
}
