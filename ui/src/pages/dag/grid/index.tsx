import { useDeferredValue, useEffect, useMemo } from "react";
import { Link } from "react-router";
import type { RunBar } from "../../../api/schema";
import { count, dateTime } from "../../../format";
import { FilterBar, ManyFilter, SearchFilter, StateFilter } from "../../../parts/Filters";
import { Empty } from "../../../parts/Empty";
import { Loading } from "../../../parts/Loading";
import { ProblemNote } from "../../../parts/Problem";
import { Glyph, Legend } from "../../../parts/State";
import { Time } from "../../../parts/Time";
import { useFilters } from "../../../parts/useFilters";
import { useZone } from "../../../zone";
import { Panel } from "../panel/Panel";
import { CHOSEN, type ViewProps } from "../view";
import { useGrid } from "./data";
import { drawGlyphs } from "./glyphs";
import { GridTable, type Chosen } from "./GridTable";
import { SIZES, toggled, useDensity, useFolded } from "./layoutKept";
import { visibleLines } from "./model";
import "./grid.css";

/** `older`: the cursors of the windows that were left behind, the last one is the window on show. */
const SHAPE = { ...CHOSEN, name: "text", size: "text", older: "many", state: "many", type: "many" } as const;
const RUN_STATES = ["Queued", "Running", "Success", "Failed"] as const;
const TYPES = ["scheduled", "manual", "backfill", "asset_triggered", "operator_triggered"].map((value) => ({ value, label: value.replace("_", " ") }));
const WINDOWS = [25, 50, 100];
const USUAL = 50;

/** The Dag's tasks beside its last runs. */
export default function Grid({ ns, dag, onFresh }: ViewProps) {
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const limit = WINDOWS.find((each) => String(each) === values.size) ?? USUAL;
  const grid = useGrid({ ns, dag: dag.name }, dag, { limit, cursor: values.older.at(-1), state: values.state, type: values.type });
  const [density, setDensity] = useDensity();
  const [folded, setFolded] = useFolded(`${ns}/${dag.name}`);
  const text = useDeferredValue(values.name ?? "");
  const { layout, columns } = grid;
  const lines = useMemo(() => (layout === undefined ? [] : visibleLines(layout, text === "" ? folded : new Set(), text)), [layout, folded, text]);
  const names = useRunNames(columns);
  const groups = useMemo(() => layout?.lines.flatMap((line) => (line.kind === "group" ? [line.group] : [])) ?? [], [layout]);
  useEffect(() => onFresh(grid.updatedAt), [onFresh, grid.updatedAt]);
  useEffect(() => drawGlyphs([...(layout?.legend ?? []), "None"]), [layout]);
  const size = SIZES[density];
  const isFiltered = values.state.length + values.type.length > 0;
  const choose = useMemo(() => (chosen: Chosen) => set({ run: undefined, task: undefined, group: undefined, index: undefined, ...chosen }), [set]);

  return (
    <>
      <FilterBar isActive={isFiltered || text !== ""} clear={() => set({ name: undefined, state: [], type: [], older: [] })}>
        <SearchFilter label="Task contains" value={values.name} onChange={(name) => set({ name }, { replace: true })} />
        <StateFilter label="State of the run" values={values.state} states={RUN_STATES} onChange={(state) => set({ state, older: [] })} />
        <ManyFilter label="Type" values={values.type} options={TYPES} onChange={(type) => set({ type, older: [] })} />
        <select className="filter-choice" aria-label="Runs on show" value={limit} onChange={(event) => set({ size: event.target.value, older: [] })}>
          {WINDOWS.map((each) => (
            <option key={each} value={each}>
              {each} runs
            </option>
          ))}
        </select>
        <div className="row grid-tools">
          {groups.length > 0 && (
            <button type="button" className="plain" onClick={() => setFolded(folded.size === 0 ? new Set(groups) : new Set())}>
              {folded.size === 0 ? "Fold all groups" : "Unfold all groups"}
            </button>
          )}
          <button type="button" className="plain" aria-pressed={density === "normal"} onClick={() => setDensity(density === "normal" ? "compact" : "normal")}>
            Larger cells
          </button>
        </div>
      </FilterBar>
      <ProblemNote error={grid.problem} retry={grid.retry} keepsData={grid.isReady} />
      {!grid.isReady && grid.problem === null && <Loading what="Loading the grid" />}
      {grid.isReady && columns.length === 0 && <NoRuns ns={ns} dag={dag} isFiltered={isFiltered || values.older.length > 0} clear={() => set({ state: [], type: [], older: [] })} />}
      {grid.isReady && columns.length > 0 && (
        <div className="dag-split">
          <div className="stack dag-main">
            <GridTable
              label={`Tasks of ${dag.name} beside its runs`}
              lines={lines}
              columns={columns}
              names={names}
              store={grid.store}
              rowHeight={size.row}
              cellWidth={size.cell}
              collapsed={folded}
              chosen={values}
              onChoose={choose}
              onToggle={(group) => setFolded(toggled(folded, group))}
            >
              <WindowButtons older={values.older} next={grid.next} onMove={(older) => set({ older })} />
              <span className="muted small" role="status">
                {count(layout?.tasks.length ?? 0, "task")}
                {text !== "" && `, ${count(lines.filter((line) => line.kind === "task").length, "match", "matches")}`} · {count(columns.length, "run")}
              </span>
            </GridTable>
            <Meaning states={layout?.legend ?? []} />
          </div>
          {(values.run !== undefined || values.task !== undefined) && layout !== undefined && (
            <Panel ns={ns} dag={dag.name} chosen={values} layout={layout} store={grid.store} columns={columns} onChoose={choose} />
          )}
        </div>
      )}
    </>
  );
}

/** What a run is called in a label: the time it is about. */
export function useRunNames(columns: readonly RunBar[]): readonly string[] {
  const zone = useZone();
  return useMemo(() => columns.map((run) => dateTime(run.orderedAt, zone).slice(0, 16)), [columns, zone]);
}

function WindowButtons({ older, next, onMove }: { older: readonly string[]; next: string | null; onMove: (older: readonly string[]) => void }) {
  return (
    <span className="row grid-window">
      <button type="button" className="plain" disabled={next === null} title="Older runs" onClick={() => next !== null && onMove([...older, next])}>
        ← Older
      </button>
      <button type="button" className="plain" disabled={older.length === 0} title="Newer runs" onClick={() => onMove(older.slice(0, -1))}>
        Newer →
      </button>
      {older.length > 1 && (
        <button type="button" className="plain" onClick={() => onMove([])}>
          Newest
        </button>
      )}
    </span>
  );
}

function Meaning({ states }: { states: readonly string[] }) {
  return (
    <div className="grid-meaning small">
      <Legend states={[...states, "None"]} />
      <span className="muted">
        Blank: not in that version of the Dag. A number: instances of a mapped task. <Glyph state="Failed" size={10} /> in a round cell: what stands for the
        group. Bars: duration. Letters: M by hand, B backfill, A assets, O operator; none: the schedule.
      </span>
    </div>
  );
}

function NoRuns({ ns, dag, isFiltered, clear }: { ns: string; dag: ViewProps["dag"]; isFiltered: boolean; clear: () => void }) {
  return (
    <Empty title="No runs" clear={isFiltered ? clear : undefined}>
      {dag.ready === false ? (
        <p>It can run once it is mended.</p>
      ) : dag.nextRunAt === null ? (
        <p>{dag.schedule === null ? "This Dag has no schedule: it runs when somebody triggers it." : "No next run is due."}</p>
      ) : (
        <p>
          The next run is due at <Time at={dag.nextRunAt} />.
        </p>
      )}
      {dag.ready !== false && dag.deletedAt === null && (
        <Link className="button primary" to={`/dags/${ns}/${dag.name}/trigger`}>
          Trigger a run
        </Link>
      )}
    </Empty>
  );
}
