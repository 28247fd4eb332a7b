/** A time as people write it -> RFC 3339, which is UTC where no offset is given. */

const DAY = /^(\d{4}-\d{2}-\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)? ?(Z|[+-]\d{2}:\d{2})?$/i;

/** `2026-01-31`, `2026-01-31 06:00`, `2026-01-31T06:00:00+01:00` -> RFC 3339; undefined for anything else. */
export function asTime(text: string): string | undefined {
  const written = text.trim();
  if (DAY.test(written)) {
    return checked(`${written}T00:00:00Z`);
  }
  const [, date, minutes, seconds = ":00", offset = "Z"] = TIME.exec(written) ?? [];
  return date === undefined ? undefined : checked(`${date}T${minutes}${seconds}${offset.toUpperCase()}`);
}

/** February the 30th is no time, though browsers take it for the 2nd of March. */
function checked(time: string): string | undefined {
  const day = new Date(`${time.slice(0, 10)}T00:00:00Z`);
  const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(time.slice(0, 10));
  return exists && !Number.isNaN(new Date(time).getTime()) ? time : undefined;
}

export const TIME_HINT = "Such as 2026-01-31 or 2026-01-31 06:00, in UTC unless an offset such as +01:00 is given.";
export const TIME_FAULT = "Write a time such as 2026-01-31 06:00.";
