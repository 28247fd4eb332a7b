/** The glyphs of cells as background pictures: one element a cell, where thousands of cells are drawn at once. */
import { lookOf } from "../../../parts/State";

const drawn = new Set<string>();

/** Make the rules for these states; a rule is made once. */
export function drawGlyphs(states: readonly string[]): void {
  const missing = states.filter((state) => !drawn.has(state));
  if (missing.length === 0 || !("adoptedStyleSheets" in document)) {
    return;
  }
  missing.forEach((state) => drawn.add(state));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(missing.map(rulesOf).join("\n"));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

function rulesOf(state: string): string {
  const rule = (before: string, colour: string) =>
    `${before} .grid-cell[data-state="${state}"] { background-image: url("${picture(lookOf(state).path, colour)}"); }`;
  return rule("", "#fff") + rule(':root[data-theme="contrast"]', "#000");
}

function picture(path: string, colour: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="${colour}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><path d="${path}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
