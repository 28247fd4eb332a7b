/** A text that a person wrote: it can't turn what stands beside it around, nor hide a part of itself. */
import type { ReactNode } from "react";

/**
 * What is not to be seen, or turns the order of other letters around; a line's end and a tab are as they should be, and
 * joiners (U+200C, U+200D) belong to letters and pictures.
 */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const HIDDEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+)/u;
const CALLED: Readonly<Record<number, string>> = {
  0x00: "NUL",
  0x1b: "ESC",
  0x200b: "ZERO WIDTH SPACE",
  0x202a: "LEFT-TO-RIGHT EMBEDDING",
  0x202b: "RIGHT-TO-LEFT EMBEDDING",
  0x202d: "LEFT-TO-RIGHT OVERRIDE",
  0x202e: "RIGHT-TO-LEFT OVERRIDE",
  0x2066: "LEFT-TO-RIGHT ISOLATE",
  0x2067: "RIGHT-TO-LEFT ISOLATE",
  0xfeff: "BYTE ORDER MARK",
};

export function Said({ text }: { text: string }) {
  return <bdi>{marked(text)}</bdi>;
}

/** The text, each hidden character of it as its number in a box. */
function marked(text: string): ReactNode {
  if (!HIDDEN.test(text)) {
    return text;
  }
  // Every other piece is one of hidden characters.
  return text.split(HIDDEN).map((piece, place) =>
    place % 2 === 0 ? (
      piece
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- the pieces of one text have no other names
      <span key={place} className="said-hidden" title={[...piece].map(nameOf).join(", ")}>
        {[...piece].map(codeOf).join(" ")}
      </span>
    ),
  );
}

function codeOf(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, "0");
}

function nameOf(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  const name = CALLED[code];
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}${name === undefined ? "" : ` ${name}`}`;
}
