/** Lines of a log -> how serious each is. A line without a word for it goes with the one that it continues. */

export const LEVELS = ["error", "warn", "info", "debug", "other"] as const;
export type Level = (typeof LEVELS)[number];

/** A level is looked for no further than this in a line. */
const HEAD = 200;

const WORDS: Record<string, Level> = {
  fatal: "error",
  critical: "error",
  panic: "error",
  severe: "error",
  emerg: "error",
  alert: "error",
  error: "error",
  err: "error",
  warning: "warn",
  warn: "warn",
  notice: "info",
  info: "info",
  debug: "debug",
  trace: "debug",
  fine: "debug",
};

/** "level": "warn", level=warn, "severity":"ERROR", "levelname": "INFO"; also numbers, as pino and bunyan write them. */
const FIELD = /"?\b(?:level|levelname|log\.level|severity|lvl)"?\s*[=:]\s*"?([A-Za-z]+|\d{2})\b/;
/** ERROR, [warn], <info>: in capitals, or lower case between brackets. */
const WORD =
  /(?<![\w.-])(FATAL|CRITICAL|PANIC|SEVERE|EMERG|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)(?![\w-])|[[<(](fatal|critical|error|err|warning|warn|notice|info|debug|trace)[\])>]/;
/** W1123 06:00:01.123456, as Kubernetes' own programs write. */
const KLOG = /^([IWEF])\d{4} \d\d:/;
const KLOG_WORDS: Record<string, Level> = { I: "info", W: "warn", E: "error", F: "error" };
const TRACEBACK = /^\s*Traceback \(most recent call last\)|^Exception in thread |^panic: |^\s*Unhandled (?:exception|rejection)/i;
/** The last line of a traceback: `ValueError: no such day`, `pkg.SomeException`. */
const RAISED = /^[\w.]*(?:Error|Exception|Interrupt|Exit)\b/;
const CONTINUES = /^\s|^\)|^\}|^Caused by: /;
/** A time and the like before the message: `2026-11-23T06:00:01.123Z `. */
const STAMP = /^\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\s+/;
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g;

/** A line without its colours. */
export function plain(line: string): string {
  return line.includes("\u001B") ? line.replace(ESCAPES, "") : line;
}

/** What a line itself says; null = nothing. */
export function toldLevel(line: string): Level | null {
  const head = plain(line.slice(0, HEAD));
  const field = FIELD.exec(head)?.[1];
  if (field !== undefined) {
    const found = /^\d/.test(field) ? numbered(Number(field)) : WORDS[field.toLowerCase()];
    if (found !== undefined) {
      return found;
    }
  }
  const klog = KLOG.exec(head)?.[1];
  if (klog !== undefined) {
    return KLOG_WORDS[klog] ?? null;
  }
  const word = WORD.exec(head);
  if (word !== null) {
    return WORDS[(word[1] ?? word[2] ?? "").toLowerCase()] ?? null;
  }
  return TRACEBACK.test(head.replace(STAMP, "")) ? "error" : null;
}

function numbered(level: number): Level {
  return level >= 50 ? "error" : level >= 40 ? "warn" : level >= 30 ? "info" : "debug";
}

/** The level of each line, one after the other. */
export class LevelReader {
  private last: Level = "other";
  private inTraceback = false;

  next(line: string): Level {
    const told = toldLevel(line);
    const text = plain(line.slice(0, HEAD)).replace(STAMP, "");
    if (told !== null) {
      this.inTraceback = TRACEBACK.test(text);
      this.last = told;
    } else if (this.inTraceback && !CONTINUES.test(text)) {
      // The exception itself ends its traceback.
      this.inTraceback = false;
      this.last = "error";
    } else if (RAISED.test(text)) {
      this.last = "error";
    } else if (!CONTINUES.test(text)) {
      this.last = "other";
    }
    return this.last;
  }
}
