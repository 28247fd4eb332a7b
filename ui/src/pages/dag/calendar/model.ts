/** Days of the API -> months to draw. */
import type { CalendarDay } from "../../../api/schema";

export type Day = { day: string; number: number; told: CalendarDay | undefined; isFuture: boolean };
/** Weeks begin on Monday; null = a place before the first or after the last day. */
export type Month = { name: string; title: string; weeks: readonly (readonly (Day | null)[])[] };

const TITLE = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const DAY_MS = 86_400_000;

/** The months that end with this one, `2026-11`, the oldest first. */
export function monthNames(last: string, count: number): readonly string[] {
  const [year = 0, month = 1] = last.split("-").map(Number);
  return Array.from({ length: count }, (_, place) => new Date(Date.UTC(year, month - count + place, 1)).toISOString().slice(0, 7));
}

/** A month with what is told of its days. */
export function monthOf(name: string, days: ReadonlyMap<string, CalendarDay>, today: string): Month {
  const first = new Date(`${name}-01T00:00:00Z`);
  const before = (first.getUTCDay() + 6) % 7;
  const places: (Day | null)[] = Array.from({ length: before }, () => null);
  for (let at = first.getTime(); new Date(at).toISOString().startsWith(name); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    places.push({ day, number: Number(day.slice(8)), told: days.get(day), isFuture: day > today });
  }
  while (places.length % 7 !== 0) {
    places.push(null);
  }
  const weeks = Array.from({ length: places.length / 7 }, (_, week) => places.slice(week * 7, week * 7 + 7));
  return { name, title: TITLE.format(first), weeks };
}

export function nextDay(day: string): string {
  return new Date(new Date(`${day}T00:00:00Z`).getTime() + DAY_MS).toISOString().slice(0, 10);
}

/** The state that stands for a day. */
export function outcome({ counts, missing }: CalendarDay): string | undefined {
  const has = (state: string) => (counts[state] ?? 0) > 0;
  return ["Failed", "Running", "Queued", "Success"].find(has) ?? (missing > 0 ? "None" : undefined);
}
