/** A log, levels and a text to look for -> the numbers of the lines that are shown, and of those that match. */
import type { LogBuffer } from "./buffer";
import { plain, type Level } from "./levels";

export type Question = {
  /** Empty = all levels. */
  levels: ReadonlySet<Level>;
  /** Empty = no search. */
  text: string;
  /** Whether lines that don't match are hidden. */
  onlyMatches: boolean;
};

/** Lines that are looked at before the page may draw again. */
const AT_ONCE = 20_000;

/** A text in any case; everything in it is meant as it is written. */
export function pattern(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), "giu");
}

/** Goes through the lines once, then through those that are new. */
export class ShownLines {
  /** Line numbers, rising. */
  shown: number[] = [];
  /** Those of the shown lines that match. */
  matches: number[] = [];
  private next: number;
  private readonly looked: RegExp | null;

  constructor(
    readonly buffer: LogBuffer,
    readonly question: Question,
  ) {
    this.next = buffer.first;
    this.looked = question.text === "" ? null : pattern(question.text);
  }

  /** How many kept lines are not shown, of those that were looked at. */
  get hidden(): number {
    return Math.max(0, this.next - this.buffer.first - this.shown.length);
  }

  /** Look at some more of the lines before `end`; whether there are still more. */
  step(end = this.buffer.end, most = AT_ONCE): boolean {
    this.forget();
    const until = Math.min(end, this.buffer.end, this.next + most);
    for (; this.next < until; this.next += 1) {
      this.look(this.next);
    }
    return this.next < end;
  }

  /** The place among the matches of the first one at or after a line; -1 = there is none. */
  matchFrom(number: number): number {
    return placeOf(this.matches, number, this.matches.length === 0 ? -1 : 0);
  }

  private look(number: number): void {
    const { levels, onlyMatches } = this.question;
    if (levels.size > 0 && !levels.has(this.buffer.level(number))) {
      return;
    }
    const isMatch = this.looked !== null && this.isMatch(this.buffer.line(number));
    if (isMatch) {
      this.matches.push(number);
    }
    if (isMatch || !onlyMatches || this.looked === null) {
      this.shown.push(number);
    }
  }

  private isMatch(line: string): boolean {
    if (this.looked === null) {
      return false;
    }
    this.looked.lastIndex = 0;
    return this.looked.test(plain(line));
  }

  /** The buffer has thrown its oldest lines away. */
  private forget(): void {
    const { first } = this.buffer;
    this.next = Math.max(this.next, first);
    if ((this.shown[0] ?? first) < first) {
      this.shown = this.shown.slice(indexFrom(this.shown, first));
    }
    if ((this.matches[0] ?? first) < first) {
      this.matches = this.matches.slice(indexFrom(this.matches, first));
    }
  }
}

/** The place of the first number that is not below the wanted one; `beyond` where all are. */
export function placeOf(numbers: readonly number[], wanted: number, beyond: number): number {
  const place = indexFrom(numbers, wanted);
  return place < numbers.length ? place : beyond;
}

function indexFrom(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
