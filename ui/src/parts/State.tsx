/** A state as glyph, word and colour; glyph and word tell the members of a colour family apart. */
import { words } from "../format";

export type Family = "good" | "bad" | "active" | "waiting" | "retry" | "skipped";
type Look = { family: Family; word: string; path: string };

const DOT = "M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z";
const CHECK = "M3 8.5l3.3 3.3L13 4.8";
const CROSS = "M4 4l8 8M12 4l-8 8";
const PLAY = "M5 3.2v9.6l8-4.8z";
const CLOCK = "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.3l2.2 1.5";
const AGAIN = "M12.6 6A5 5 0 1 0 13 9.4M13.2 2.8V6.2H9.8";
const SKIP = "M3.5 4l4.5 4l-4.5 4zM8.5 4l4.5 4l-4.5 4z";
const UP = "M8 13V4M4 7.8L8 3.8l4 4";
const PAUSE = "M5.5 3.5v9M10.5 3.5v9";
const BLANK = "M4 8h8";

/** The word of every state of runs, tasks, attempts and backfills. */
const LOOKS: Record<string, Look> = {
  Success: { family: "good", word: "success", path: CHECK },
  Failed: { family: "bad", word: "failed", path: CROSS },
  UpstreamFailed: { family: "bad", word: "upstream failed", path: UP },
  Running: { family: "active", word: "running", path: PLAY },
  Deferred: { family: "active", word: "deferred", path: PAUSE },
  Queued: { family: "waiting", word: "queued", path: CLOCK },
  Scheduled: { family: "waiting", word: "scheduled", path: DOT },
  UpForRetry: { family: "retry", word: "up for retry", path: AGAIN },
  Skipped: { family: "skipped", word: "skipped", path: SKIP },
  Removed: { family: "skipped", word: "removed", path: BLANK },
  Paused: { family: "retry", word: "paused", path: PAUSE },
  Pending: { family: "waiting", word: "pending", path: CLOCK },
  Cancelled: { family: "bad", word: "cancelled", path: CROSS },
  Ready: { family: "good", word: "ready", path: CHECK },
  NotReady: { family: "bad", word: "not ready", path: CROSS },
  None: { family: "waiting", word: "not begun", path: BLANK },
};

/** How a state looks; null and undefined are "not begun", an unknown word is shown as it is. */
export function lookOf(state: string | null | undefined): Look {
  const name = state ?? "None";
  return LOOKS[name] ?? { family: "waiting", word: words(name), path: DOT };
}

export type StateProps = {
  value: string | null | undefined;
  /** Other words for it, such as "3 failed". */
  word?: string;
  /** In a coloured lozenge instead of plain in a line. */
  badge?: boolean;
  title?: string;
};

/** A state in a line of text. */
export function State({ value, word, badge = false, title }: StateProps) {
  const look = lookOf(value);
  return (
    <span className={badge ? "state state-badge" : "state"} data-family={look.family} title={title}>
      <Glyph state={value} />
      {word ?? look.word}
    </span>
  );
}

/** The glyph alone, for a cell that has its own label. */
export function Glyph({ state, size = 14 }: { state: string | null | undefined; size?: number }) {
  return (
    <svg className="glyph" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={lookOf(state).path} />
    </svg>
  );
}

/** What the colours and glyphs of these states mean. */
export function Legend({ states }: { states: readonly string[] }) {
  return (
    <ul className="legend" aria-label="Legend">
      {states.map((state) => (
        <li key={state}>
          <State value={state} />
        </li>
      ))}
    </ul>
  );
}
