/** A line with terminal colours -> pieces of text with their looks. Nothing here makes HTML. */
import { AnsiUp } from "ansi_up";

export type Piece = {
  text: string;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  /** `ansi-red`, `ansi-bright-blue`, or `rgb(1,2,3)`. */
  colour: string | null;
  background: string | null;
};

type Colour = { rgb: readonly number[]; class_name: string } | null;
type Fragment = Omit<Piece, "colour" | "background"> & { fg: Colour; bg: Colour };
/** What ansi_up knows of a text just before it makes HTML of it. */
type Inside = {
  transform_to_html: (fragment: Fragment) => string;
  process_hyperlink: (packet: { text: string }) => string;
};

const PLAIN = { bold: false, faint: false, italic: false, underline: false, colour: null, background: null };

export function piecesOf(line: string): readonly Piece[] {
  if (!line.includes("\u001B")) {
    return [{ text: line, ...PLAIN }];
  }
  const pieces: Piece[] = [];
  const parser = new AnsiUp();
  const inside = parser as unknown as Inside;
  inside.transform_to_html = ({ fg, bg, ...fragment }) => {
    if (fragment.text !== "") {
      pieces.push({ ...fragment, colour: named(fg), background: named(bg) });
    }
    return "";
  };
  inside.process_hyperlink = ({ text }) => {
    pieces.push({ text, ...PLAIN });
    return "";
  };
  parser.ansi_to_html(line);
  return pieces;
}

function named(colour: Colour): string | null {
  if (colour === null || colour === undefined) {
    return null;
  }
  return colour.class_name === "truecolor" ? `rgb(${colour.rgb.join(",")})` : colour.class_name;
}

/** The same pieces, cut where a text that is looked for begins and ends. */
export function marked(pieces: readonly Piece[], looked: RegExp | null): readonly (Piece & { isMatch: boolean })[] {
  if (looked === null) {
    return pieces.map((piece) => ({ ...piece, isMatch: false }));
  }
  const whole = pieces.map((piece) => piece.text).join("");
  looked.lastIndex = 0;
  const spans = [...whole.matchAll(looked)].map((match) => [match.index, match.index + match[0].length] as const);
  const cut: (Piece & { isMatch: boolean })[] = [];
  let start = 0;
  for (const piece of pieces) {
    let from = start;
    const end = start + piece.text.length;
    for (const [begin, close] of spans) {
      if (close <= from || begin >= end) {
        continue;
      }
      add(piece, from, Math.max(begin, from), false);
      add(piece, Math.max(begin, from), Math.min(close, end), true);
      from = Math.min(close, end);
    }
    add(piece, from, end, false);
    start = end;
  }
  return cut;

  function add(piece: Piece, from: number, to: number, isMatch: boolean) {
    if (to > from) {
      cut.push({ ...piece, text: whole.slice(from, to), isMatch });
    }
  }
}
