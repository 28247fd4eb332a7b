/** A time as people type it -> RFC 3339, which the address and the API have. */

const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?)?$/;
const AGO = /^-?\s*(\d{1,6})\s*(min|m|h|d|w)(?:\s+ago)?$/;
const SECONDS: Record<string, number> = { min: 60, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `2026-11-23`, `2026-11-23 06:30` in the zone; `24h`, `7 d ago`; RFC 3339. null = none of these. */
export function typedTime(text: string, zone: string, now: number): string | null {
  const typed = text.trim();
  const ago = AGO.exec(typed);
  if (ago !== null) {
    return rfc(now - Number(ago[1]) * (SECONDS[ago[2] ?? ""] ?? 0) * 1000);
  }
  const date = DATE.exec(typed);
  if (date !== null) {
    const [year, month, day, hour, minute, second] = date.slice(1).map((part) => Number(part ?? 0));
    return inZone([year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0], zone);
  }
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(typed) ? rfc(Date.parse(typed)) : null;
}

type Parts = [number, number, number, number, number, number];

/** The moment at which a clock in the zone shows this. */
function inZone([year, month, day, hour, minute, second]: Parts, zone: string): string | null {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(asUtc);
  const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) {
    return null;
  }
  // The offset is that of the moment itself, which the first guess may miss by a change of clocks.
  const first = asUtc - offset(asUtc, zone);
  return rfc(asUtc - offset(first, zone));
}

/** How far the zone's clocks are before UTC, in milliseconds. */
function offset(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const shown = Date.UTC(parts["year"] ?? 0, (parts["month"] ?? 1) - 1, parts["day"], parts["hour"], parts["minute"], parts["second"]);
  return shown - Math.floor(at / 1000) * 1000;
}

function rfc(at: number): string | null {
  return Number.isNaN(at) || Math.abs(at) > 8.64e15 ? null : new Date(at).toISOString().replace(".000Z", "Z");
}
