/** Where a list of rows of one height is scrolled to -> which of them are drawn. */
export type Span = { first: number; last: number };

/** So many rows above and below are drawn too, and the span moves by so many at once. */
const BESIDE = 3;
const STEP = 4;

/** The rows from `first` up to, not with, `last`. */
export function windowOf(scroll: number, height: number, rowHeight: number, count: number): Span {
  const top = Math.floor(Math.max(0, scroll) / rowHeight) - BESIDE;
  const bottom = Math.ceil((Math.max(0, scroll) + height) / rowHeight) + BESIDE;
  const last = Math.min(count, Math.ceil(bottom / STEP) * STEP);
  return { first: Math.max(0, Math.min(Math.floor(top / STEP) * STEP, last)), last };
}

/** Where to scroll so that a row is in sight; the same place if it is. */
export function scrolledTo(row: number, scroll: number, height: number, rowHeight: number): number {
  const top = row * rowHeight;
  if (top < scroll) {
    return top;
  }
  return top + rowHeight > scroll + height ? top + rowHeight - height : scroll;
}
