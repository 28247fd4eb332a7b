/** A unified diff -> its lines, each with what has become of it. */
export type DiffLine = { key: number; mark: "+" | "−" | "" | "@"; text: string; family: "good" | "bad" | undefined; word: string };

/** The header of two file names is left out. */
export function diffLines(lines: readonly string[]): readonly DiffLine[] {
  return lines.filter((line, place) => place > 1 || !/^(---|\+\+\+)/.test(line)).map((line, key) => lineOf(line.replace(/\n$/, ""), key));
}

function lineOf(line: string, key: number): DiffLine {
  const text = line.slice(1);
  switch (line[0]) {
    case "+":
      return { key, mark: "+", text, family: "good", word: "added" };
    case "-":
      return { key, mark: "−", text, family: "bad", word: "removed" };
    case "@":
      return { key, mark: "@", text: line, family: undefined, word: "further down" };
    default:
      return { key, mark: "", text, family: undefined, word: "" };
  }
}
