/** Attempts of a run -> rows of bars, and the ticks of their axis. */
import type { Span } from "../../../api/schema";

export type Bar = { span: Span; /** Seconds from the beginning of the chart. */ queued: number; start: number; end: number };
export type Row = { key: string; task: string; index: number | null; bars: readonly Bar[] };
export type Chart = { rows: readonly Row[]; /** When it begins, in milliseconds. */ begins: number; seconds: number };

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** One row for each task or instance, in the order of `places`; what has not ended goes on until `now`. */
export function chartOf(spans: readonly Span[], places: ReadonlyMap<string, number>, now: number): Chart {
  const seen = spans.filter((span) => (span.createdAt ?? span.startedAt) !== null);
  const begins = Math.min(...seen.map((span) => millis(span.createdAt ?? span.startedAt)));
  const rows = new Map<string, { key: string; task: string; index: number | null; bars: Bar[] }>();
  let seconds = 1;
  for (const span of seen) {
    const key = span.index === null ? span.task : `${span.task}[${span.index}]`;
    const row = rows.get(key) ?? { key, task: span.task, index: span.index, bars: [] };
    const queued = (millis(span.createdAt ?? span.startedAt) - begins) / 1000;
    const end = Math.max(queued, ((span.finishedAt === null ? now : millis(span.finishedAt)) - begins) / 1000);
    const start = span.startedAt === null ? end : Math.min(end, Math.max(queued, (millis(span.startedAt) - begins) / 1000));
    row.bars.push({ span, queued, start, end });
    seconds = Math.max(seconds, end);
    rows.set(key, row);
  }
  const place = (row: Row) => places.get(row.task) ?? places.size;
  return {
    rows: [...rows.values()].toSorted((one, other) => place(one) - place(other) || (one.index ?? -1) - (other.index ?? -1)),
    begins: Number.isFinite(begins) ? begins : now,
    seconds,
  };
}

/** Five to ten round numbers of seconds from 0 to the end. */
export function ticksOf(seconds: number): readonly number[] {
  const step = STEPS.find((each) => seconds / each <= 9) ?? Math.ceil(seconds / 9 / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, place) => place * step);
}

function millis(at: string | null): number {
  return at === null ? Number.NaN : new Date(at).getTime();
}
