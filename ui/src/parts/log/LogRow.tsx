import { memo } from "react";
import { Link, useLocation } from "react-router";
import { dateTime } from "../../format";
import { useZone } from "../../zone";
import { marked, piecesOf, type Piece } from "./ansi";
import type { Level } from "./levels";

export type LogRowProps = {
  /** Where lines wrap, a row's height must be measured. */
  measure: ((row: HTMLElement | null) => void) | undefined;
  place: number;
  top: number;
  number: number;
  /** The width of the largest line number. */
  digits: string;
  line: string;
  level: Level;
  /** Whether the line begins with its time. */
  hasTime: boolean;
  looked: RegExp | null;
  /** The address names this line. */
  isTarget: boolean;
  /** The match that was gone to. */
  isMatch: boolean;
};

/** One line; what the task wrote is only ever text. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { measure, place, top, number, digits, level, looked, isTarget, isMatch } = props;
  const { pathname, search } = useLocation();
  const { time, text } = props.hasTime ? parted(props.line) : { time: null, text: props.line };
  return (
    <div
      ref={measure}
      data-index={place}
      className="log-row"
      data-level={level}
      data-target={isTarget || undefined}
      data-match={isMatch || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Link
        to={{ pathname, search, hash: `#L${number}` }}
        replace
        preventScrollReset
        tabIndex={-1}
        className="log-number"
        style={{ width: digits }}
        aria-label={`Line ${number}`}
      >
        {number}
      </Link>
      {time !== null && <Stamp at={time} />}
      <code className="log-text">
        {marked(piecesOf(text), looked).map((piece, at) => (
          // oxlint-disable-next-line react/no-array-index-key
          <Text key={at} piece={piece} isMatch={piece.isMatch} />
        ))}
      </code>
    </div>
  );
});

function Text({ piece, isMatch }: { piece: Piece; isMatch: boolean }) {
  const className = [
    piece.bold && "log-bold",
    piece.faint && "log-faint",
    piece.italic && "log-italic",
    piece.underline && "log-underline",
    piece.colour?.startsWith("ansi-") && `${piece.colour}-fg`,
    piece.background?.startsWith("ansi-") && `${piece.background}-bg`,
  ]
    .filter(Boolean)
    .join(" ");
  const content = className === "" && !exact(piece) ? piece.text : (
    <span className={className || undefined} style={exact(piece)}>
      {piece.text}
    </span>
  );
  return isMatch ? <mark>{content}</mark> : content;
}

/** Colours beyond the sixteen; they are mixed with that of the text, so that they can be read in every theme. */
function exact({ colour, background }: Piece): { color?: string; backgroundColor?: string } | undefined {
  const style = {
    ...(colour?.startsWith("rgb") && { color: `color-mix(in oklab, ${colour} 55%, var(--text))` }),
    ...(background?.startsWith("rgb") && { backgroundColor: `color-mix(in oklab, ${background} 25%, var(--log-bg))` }),
  };
  return Object.keys(style).length > 0 ? style : undefined;
}

function Stamp({ at }: { at: string }) {
  const zone = useZone();
  return (
    <time className="log-time" dateTime={at} title={at}>
      {dateTime(at, zone)}
      {/\.\d{1,3}/.exec(at)?.[0].padEnd(4, "0")}
    </time>
  );
}

function parted(line: string): { time: string | null; text: string } {
  const found = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/.exec(line);
  return found === null ? { time: null, text: line } : { time: found[1] ?? null, text: line.slice(found[0].length) };
}
