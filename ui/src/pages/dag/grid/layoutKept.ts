/** What a reader has set about the looks of the grid, kept in the browser: density, and which groups are folded. */
import { useCallback, useState } from "react";

export type Density = "compact" | "normal";
const DENSITY = "slipway.grid.density";
/** So many Dags' folded groups are remembered. */
const MOST_DAGS = 50;
const FOLDED = "slipway.grid.folded";

export const SIZES: Readonly<Record<Density, { row: number; cell: number }>> = {
  compact: { row: 20, cell: 18 },
  normal: { row: 26, cell: 24 },
};

export function useDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useState<Density>(() => (localStorage.getItem(DENSITY) === "normal" ? "normal" : "compact"));
  const keep = useCallback((chosen: Density) => {
    localStorage.setItem(DENSITY, chosen);
    setDensity(chosen);
  }, []);
  return [density, keep];
}

/** The folded groups of a Dag. */
export function useFolded(dag: string): [ReadonlySet<string>, (folded: ReadonlySet<string>) => void] {
  const [folded, setFolded] = useState<ReadonlySet<string>>(() => new Set(Object.entries(readFolded()).find(([each]) => each === dag)?.[1]));
  const keep = useCallback(
    (chosen: ReadonlySet<string>) => {
      const others = Object.entries(readFolded()).filter(([each]) => each !== dag);
      const entries = [...others, [dag, [...chosen]] as const].filter(([, groups]) => groups.length > 0);
      localStorage.setItem(FOLDED, JSON.stringify(Object.fromEntries(entries.slice(-MOST_DAGS))));
      setFolded(chosen);
    },
    [dag],
  );
  return [folded, keep];
}

function readFolded(): Record<string, readonly string[]> {
  try {
    return JSON.parse(localStorage.getItem(FOLDED) ?? "{}") as Record<string, readonly string[]>;
  } catch {
    return {};
  }
}

export function toggled(set: ReadonlySet<string>, each: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(each)) {
    next.add(each);
  }
  return next;
}
