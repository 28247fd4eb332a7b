import { memo } from "react";
import type { RunBar } from "../../../api/schema";
import { duration, secondsBetween, words } from "../../../format";
import { lookOf } from "../../../parts/State";

type Props = { columns: readonly RunBar[]; names: readonly string[]; cellWidth: number; children: React.ReactNode };

const HIGHEST = 44;
const LOWEST = 3;
/** A date needs the width of so many pixels. */
const DATE_PX = 78;

/** The runs: a date where a new day begins, a bar as high as it took long, and what made each. */
export const GridHead = memo(function GridHead({ columns, names, cellWidth, children }: Props) {
  const seconds = columns.map(secondsOf);
  const longest = Math.max(1, ...seconds);
  const dated = datedColumns(names, Math.ceil(DATE_PX / cellWidth));
  return (
    <div className="grid-head" role="row" aria-rowindex={1} data-r={-1}>
      <div className="grid-corner" role="columnheader">
        {children}
      </div>
      {columns.map((run, place) => {
        const look = lookOf(run.state);
        const took = run.startedAt === null ? "not begun" : duration(seconds[place] ?? 0);
        return (
          <div
            key={run.uid}
            className="grid-run"
            role="columnheader"
            data-family={look.family}
          >
            <span className="hidden-visually">{`Run ${names[place]}, ${look.word}, ${words(run.runType)}, ${took}`}</span>
            {dated.has(place) && <span className="grid-date" aria-hidden="true">{names[place]?.slice(0, 10)}</span>}
            <span className="grid-bar" aria-hidden="true" style={{ height: LOWEST + ((HIGHEST - LOWEST) * (seconds[place] ?? 0)) / longest }} />
            <span className="grid-type" aria-hidden="true">{typeLetter(run.runType)}</span>
          </div>
        );
      })}
    </div>
  );
});

/** Runs are told apart by letters, which the legend explains. */
export const TYPE_LETTERS: Readonly<Record<string, string>> = { scheduled: "", manual: "M", backfill: "B", asset_triggered: "A", operator_triggered: "O" };

export function typeLetter(runType: string): string {
  return TYPE_LETTERS[runType] ?? runType.slice(0, 1).toUpperCase();
}

function secondsOf(run: RunBar): number {
  return run.startedAt === null ? 0 : Math.max(0, secondsBetween(run.startedAt, run.finishedAt ?? Date.now()));
}

/** The columns that begin a day and have room for its date. */
export function datedColumns(names: readonly string[], room: number): ReadonlySet<number> {
  const dated = new Set<number>();
  let last = -room;
  names.forEach((name, place) => {
    const isNew = place === 0 || name.slice(0, 10) !== names[place - 1]?.slice(0, 10);
    if (isNew && place - last >= room && place + room <= names.length + 1) {
      dated.add(place);
      last = place;
    }
  });
  return dated;
}
