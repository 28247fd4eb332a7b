/**
 * Bytes of a log as they come -> its last lines.
 *
 * However long a log is, no more than MOST_LINES lines and MOST_CHARACTERS characters are kept: the oldest go first, and
 * `first` tells how many went. A line keeps its number for good. Bytes that are no UTF-8 become U+FFFD.
 */
import { LevelReader, type Level } from "./levels";

export const MOST_LINES = 200_000;
export const MOST_CHARACTERS = 60_000_000;
/** A longer line is cut, and says by how much. */
export const LONGEST_LINE = 20_000;
/** So many lines more are let in before the oldest are thrown away, so that not each new line moves all others. */
const SLACK = 20_000;

export type Limits = { lines: number; characters: number; line: number };

export class LogBuffer {
  /** The number of the first line that is kept, from 1. */
  first = 1;
  private lines: string[] = [];
  private levels: Level[] = [];
  private characters = 0;
  private open = "";
  private openCut = 0;
  private readonly decoder = new TextDecoder("utf-8");
  private readonly reader = new LevelReader();

  constructor(private readonly limits: Limits = { lines: MOST_LINES, characters: MOST_CHARACTERS, line: LONGEST_LINE }) {}

  /** One past the number of the last line. */
  get end(): number {
    return this.first + this.lines.length;
  }

  /** How many lines are kept. */
  get kept(): number {
    return this.lines.length;
  }

  /** How many lines were thrown away. */
  get dropped(): number {
    return this.first - 1;
  }

  line(number: number): string {
    return this.lines[number - this.first] ?? "";
  }

  level(number: number): Level {
    return this.levels[number - this.first] ?? "other";
  }

  push(bytes: Uint8Array): void {
    this.take(this.decoder.decode(bytes, { stream: true }));
  }

  /** The log has ended: a last line without an end of line counts too. */
  finish(): void {
    this.take(this.decoder.decode());
    if (this.open !== "") {
      this.closeLine();
    }
    this.trim(this.limits.lines);
  }

  private take(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      this.extend(text.slice(from, at));
      this.closeLine();
      from = at + 1;
    }
    this.extend(text.slice(from));
    this.trim(this.limits.lines + SLACK);
  }

  private extend(text: string): void {
    const room = this.limits.line - this.open.length;
    this.open += text.slice(0, Math.max(0, room));
    this.openCut += Math.max(0, text.length - room);
  }

  private closeLine(): void {
    const whole = this.open.endsWith("\r") ? this.open.slice(0, -1) : this.open;
    // A progress bar writes over itself: what stays on a terminal is its last state.
    const shown = whole.slice(whole.lastIndexOf("\r") + 1);
    const cut = this.openCut > 0 ? ` … (${this.openCut.toLocaleString("en")} more characters)` : "";
    const line = withoutControls(shown) + cut;
    this.lines.push(line);
    this.levels.push(this.reader.next(line));
    this.characters += line.length;
    this.open = "";
    this.openCut = 0;
  }

  private trim(most: number): void {
    let drop = this.lines.length > most ? this.lines.length - this.limits.lines : 0;
    if (drop > 0 || this.characters > this.limits.characters) {
      let gone = this.lines.slice(0, drop).reduce((sum, line) => sum + line.length, 0);
      // A tenth is made room for at once, for the same reason as SLACK.
      const wanted = this.characters > this.limits.characters ? this.limits.characters * 0.9 : Number.POSITIVE_INFINITY;
      while (this.characters - gone > wanted && drop < this.lines.length - 1) {
        gone += this.lines[drop]?.length ?? 0;
        drop += 1;
      }
      this.lines = this.lines.slice(drop);
      this.levels = this.levels.slice(drop);
      this.characters -= gone;
      this.first += drop;
    }
  }
}

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F]/g;

/** Binary data have control characters, which no font shows. */
function withoutControls(line: string): string {
  return line.replace(CONTROLS, "\uFFFD");
}
