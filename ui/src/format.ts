/** Numbers and times -> the words that are shown; the one place for each form. */

/** Seconds as the two largest units: `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 30 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 0) {
    return "0 s";
  }
  if (seconds < 1) {
    return seconds === 0 ? "0 s" : `${Math.max(1, Math.round(seconds * 1000))} ms`;
  }
  if (seconds < 59.95) {
    return `${(Math.round(seconds * 10) / 10).toString()} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 3600) {
    return pair(whole, 60, "min", 1, "s");
  }
  return whole < 86_400 ? pair(whole, 3600, "h", 60, "min") : pair(whole, 86_400, "d", 3600, "h");
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeUnit}${rest === 0 ? "" : ` ${rest} ${smallUnit}`}`;
}

/** The exact number of seconds, for a title. */
export function exactSeconds(seconds: number): string {
  return `${Number(seconds.toFixed(3))} seconds`;
}

/** Seconds between two RFC 3339 times. */
export function secondsBetween(from: string, to: string | number): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, found);
  }
  return found;
}

/** `2026-11-23 06:00:00` in a zone; a text that is no time as it is. */
export function dateTime(at: string | number | Date, zone: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) {
    return String(at);
  }
  const parts = Object.fromEntries(formatOf(zone).formatToParts(time).map((part) => [part.type, part.value]));
  return `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
}

/** `2026-11-23` in a zone. */
export function day(at: string | number | Date, zone: string): string {
  return dateTime(at, zone).slice(0, 10);
}

/** `5 min ago`, `in 2 h`, `just now`. */
export function relative(at: string, now: number): string {
  const seconds = (now - new Date(at).getTime()) / 1000;
  if (Math.abs(seconds) < 5) {
    return "just now";
  }
  const told = roughly(Math.abs(seconds));
  return seconds > 0 ? `${told} ago` : `in ${told}`;
}

function roughly(seconds: number): string {
  for (const [size, unit] of [[86_400, "d"], [3600, "h"], [60, "min"]] as const) {
    if (seconds >= size) {
      return `${Math.floor(seconds / size)} ${unit}`;
    }
  }
  return `${Math.floor(seconds)} s`;
}

/** `1 run`, `12,000 runs`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `UpForRetry` -> `up for retry`. */
export function words(camelCase: string): string {
  return camelCase
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}

/** A word for a shell, quoted only where it must be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
