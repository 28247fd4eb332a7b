/** The grid itself: virtual rows, a header and a first column that stay in sight, one tab stop, and arrow keys. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import type { RunBar } from "../../../api/schema";
import { GridHead } from "./GridHead";
import { GridRow } from "./GridRow";
import { HoverCard, type Hovered } from "./HoverCard";
import { move, type Spot } from "./keys";
import type { Line } from "./model";
import type { GridStore } from "./store";
import { scrolledTo, windowOf, type Span } from "./window";

export type Chosen = { run?: string | undefined; task?: string | undefined; group?: string | undefined };

export type GridTableProps = {
  label: string;
  lines: readonly Line[];
  columns: readonly RunBar[];
  names: readonly string[];
  store: GridStore;
  rowHeight: number;
  cellWidth: number;
  collapsed: ReadonlySet<string>;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
  onToggle: (group: string) => void;
  /** What stands in the corner. */
  children: ReactNode;
  onDraw?: (key: string) => void;
};

export const NAME_WIDTH = 260;
const HEAD_HEIGHT = 82;
const ACTIVE_ID = "grid-active";

export function GridTable(props: GridTableProps) {
  const { label, lines, columns, names, store, rowHeight, cellWidth, collapsed, chosen, onChoose, onToggle, children, onDraw } = props;
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Spot>({ row: 0, column: columns.length - 1 });
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const [span, follow] = useSpan(box, rowHeight, lines.length);
  useInSight(box, active, rowHeight, cellWidth);
  useNewestInSight(box, columns.length);
  useActiveMark(box, active);

  const turnTo = useCallback((spot: Spot) => choose(spot, { lines, columns, onChoose, onToggle }), [lines, columns, onChoose, onToggle]);

  function press(event: KeyboardEvent) {
    const spot = move(event.key, event.ctrlKey || event.metaKey, active, { rows: lines.length, columns: columns.length });
    if (spot !== undefined) {
      event.preventDefault();
      setActive(spot);
      show(box.current, spot, rowHeight, cellWidth);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      turnTo(active);
    }
  }

  function click(event: MouseEvent) {
    const spot = spotOf(event.target);
    if (spot !== undefined) {
      setActive(spot);
      setHovered(null);
      turnTo(spot);
    }
  }

  function hover(event: MouseEvent) {
    const spot = spotOf(event.target);
    const line = spot && lines[spot.row];
    const run = spot && columns[spot.column];
    if (spot === undefined || run === undefined) {
      setHovered(null);
      return;
    }
    const at = (event.target as Element).closest("[role]")?.getBoundingClientRect();
    setHovered(at === undefined ? null : { line, run, name: names[spot.column] ?? run.name, at });
  }

  const drawn = lines.slice(span.first, span.last);
  const chosenColumn = columns.findIndex((run) => run.name === chosen.run);
  const chosenRow = lines.findIndex((line) => (line.kind === "task" ? line.task.task === chosen.task : line.group === chosen.group));
  return (
    <>
      <div
        ref={box}
        className="grid-scroll"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={lines.length + 1}
        aria-activedescendant={ACTIVE_ID}
        style={{ "--row": `${rowHeight}px`, "--cell": `${cellWidth}px`, "--name": `${NAME_WIDTH}px`, "--head": `${HEAD_HEIGHT}px` } as React.CSSProperties}
        onKeyDown={press}
        onClick={click}
        // The keyboard's way to the same words is the label of the active cell.
        // oxlint-disable-next-line jsx-a11y/mouse-events-have-key-events
        onMouseOver={hover}
        onMouseLeave={() => setHovered(null)}
        onScroll={() => {
          follow();
          setHovered(null);
        }}
      >
        <GridHead columns={columns} names={names} cellWidth={cellWidth}>
          {children}
        </GridHead>
        <div className="grid-body" role="rowgroup" style={{ height: lines.length * rowHeight, width: NAME_WIDTH + columns.length * cellWidth }}>
          {drawn.map((line, place) => (
            <GridRow
              key={line.key}
              line={line}
              row={span.first + place}
              height={rowHeight}
              columns={columns}
              names={names}
              store={store}
              isCollapsed={line.kind === "group" && collapsed.has(line.group)}
              onDraw={onDraw}
            />
          ))}
          <Marks row={chosenRow} column={chosenColumn} rowHeight={rowHeight} cellWidth={cellWidth} />
        </div>
      </div>
      {hovered !== null && <HoverCard hovered={hovered} store={store} />}
    </>
  );
}

/** What is chosen, drawn over the rows, so that choosing draws none of them again. */
function Marks({ row, column, rowHeight, cellWidth }: { row: number; column: number; rowHeight: number; cellWidth: number }) {
  const left = NAME_WIDTH + column * cellWidth;
  const top = row * rowHeight;
  return (
    <div aria-hidden="true" role="presentation">
      {column >= 0 && <div className="grid-mark" style={{ left, top: 0, width: cellWidth, height: "100%" }} />}
      {row >= 0 && <div className="grid-mark" style={{ left: 0, top, width: "100%", height: rowHeight }} />}
      {row >= 0 && column >= 0 && <div className="grid-mark-cell" style={{ left, top, width: cellWidth, height: rowHeight }} />}
    </div>
  );
}

type Around = Pick<GridTableProps, "lines" | "columns" | "onChoose" | "onToggle">;

/** A cell: task and run. A name: the task, or fold the group. A header: the run. */
function choose({ row, column }: Spot, { lines, columns, onChoose, onToggle }: Around): void {
  const line = lines[row];
  const run = columns[column]?.name;
  if (line?.kind === "group" && run === undefined) {
    onToggle(line.group);
  } else if (line !== undefined || run !== undefined) {
    onChoose({ run, task: line?.kind === "task" ? line.task.task : undefined, group: line?.kind === "group" ? line.group : undefined });
  }
}

/** Which cell an element belongs to, by its place: row -1 is the header, column -1 the names. */
function spotOf(target: EventTarget): Spot | undefined {
  const cell = target instanceof Element ? target.closest("[role=gridcell], [role=rowheader], [role=columnheader]") : null;
  const row = cell?.parentElement;
  if (!cell || !row?.dataset["r"]) {
    return undefined;
  }
  return { row: Number(row.dataset["r"]), column: Array.prototype.indexOf.call(row.children, cell) - 1 };
}

function useSpan(box: React.RefObject<HTMLDivElement | null>, rowHeight: number, count: number): [Span, () => void] {
  const [view, setView] = useState({ scroll: 0, height: Math.max(300, window.innerHeight - 320) });
  const span = windowOf(view.scroll, view.height, rowHeight, count);
  const latest = useRef(span);
  latest.current = span;
  const follow = useCallback(() => {
    const { scrollTop, clientHeight } = box.current ?? { scrollTop: 0, clientHeight: 0 };
    const height = Math.max(300, clientHeight - HEAD_HEIGHT);
    const next = windowOf(scrollTop, height, rowHeight, count);
    if (next.first !== latest.current.first || next.last !== latest.current.last) {
      setView({ scroll: scrollTop, height });
    }
  }, [box, rowHeight, count]);
  useEffect(() => {
    const sized = typeof ResizeObserver === "undefined" ? undefined : new ResizeObserver(follow);
    if (box.current !== null) {
      sized?.observe(box.current);
    }
    return () => sized?.disconnect();
  }, [box, follow]);
  return [span, follow];
}

/** The newest run is at the right: begin there, and stay there when another comes. */
function useNewestInSight(box: React.RefObject<HTMLDivElement | null>, count: number): void {
  useLayoutEffect(() => {
    if (box.current !== null) {
      box.current.scrollLeft = box.current.scrollWidth;
    }
  }, [box, count]);
}

/** The active cell stays in sight when the box becomes smaller, as when the side panel opens. */
function useInSight(box: React.RefObject<HTMLDivElement | null>, active: Spot, rowHeight: number, cellWidth: number): void {
  const latest = useRef(active);
  useEffect(() => {
    latest.current = active;
  });
  useEffect(() => {
    const sized = typeof ResizeObserver === "undefined" ? undefined : new ResizeObserver(() => show(box.current, latest.current, rowHeight, cellWidth));
    if (box.current !== null) {
      sized?.observe(box.current);
    }
    return () => sized?.disconnect();
  }, [box, rowHeight, cellWidth]);
}

/** Give the active cell the id that the box names; its row may come and go as the grid is scrolled. */
function useActiveMark(box: React.RefObject<HTMLDivElement | null>, { row, column }: Spot): void {
  useLayoutEffect(() => {
    box.current?.querySelector(`#${ACTIVE_ID}`)?.removeAttribute("id");
    const found = box.current?.querySelector(`[data-r="${row}"]`)?.children[column + 1];
    if (found !== undefined) {
      found.id = ACTIVE_ID;
    }
  });
}

function show(box: HTMLDivElement | null, { row, column }: Spot, rowHeight: number, cellWidth: number): void {
  if (box === null) {
    return;
  }
  if (row >= 0) {
    box.scrollTop = scrolledTo(row, box.scrollTop, box.clientHeight - HEAD_HEIGHT, rowHeight);
  }
  if (column >= 0) {
    box.scrollLeft = scrolledTo(column, box.scrollLeft, box.clientWidth - NAME_WIDTH, cellWidth);
  }
}
