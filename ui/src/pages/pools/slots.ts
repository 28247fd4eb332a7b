/** A number of slots as it is typed; null = it is none. */
export function slotsOf(typed: string): number | null {
  const text = typed.trim().replaceAll(",", "");
  const number = Number(text);
  return /^(-1|\d{1,7})$/.test(text) && number <= 1_000_000 ? number : null;
}
