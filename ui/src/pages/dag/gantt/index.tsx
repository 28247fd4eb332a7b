import { useEffect, useMemo } from "react";
import { api } from "../../../api/client";
import { about, usePages } from "../../../api/hooks";
import type { Span } from "../../../api/schema";
import { duration } from "../../../format";
import { useNow } from "../../../now";
import { Empty } from "../../../parts/Empty";
import { FilterBar, SearchFilter } from "../../../parts/Filters";
import { useFilters } from "../../../parts/useFilters";
import { Loading } from "../../../parts/Loading";
import { Pager } from "../../../parts/Pager";
import { ProblemNote } from "../../../parts/Problem";
import { Legend, lookOf } from "../../../parts/State";
import { Time } from "../../../parts/Time";
import { useLayout, useRunChanges, useRuns, useStates } from "../grid/data";
import type { Chosen } from "../panel/chosen";
import { Panel } from "../panel/Panel";
import { RunPicker } from "../RunPicker";
import { CHOSEN, type ViewProps } from "../view";
import { chartOf, ticksOf, type Bar, type Chart, type Row } from "./model";
import "../grid/grid.css";
import "./gantt.css";

const SHAPE = { ...CHOSEN, name: "text" } as const;
const WINDOW = { limit: 50, cursor: undefined, state: [], type: [] } as const;
const PAGE = 500;

/** When each attempt of a run's tasks waited and worked. */
export default function Gantt({ ns, dag, onFresh }: ViewProps) {
  const { values, set, isActive } = useFilters(SHAPE);
  const place = { ns, dag: dag.name };
  const runs = useRuns(place, WINDOW);
  const listed = runs.data?.items ?? [];
  const run = values.run ?? listed[0]?.name;
  const shown = listed.find((each) => each.name === run);
  const columns = useMemo(() => (shown === undefined ? [] : [shown]), [shown]);
  const { layout } = useLayout(place, shown?.revision ?? dag.revision, []);
  const states = useStates(place, layout, columns, useRunChanges(place, listed, true));
  const spans = usePages<Span>({
    key: ["attempts", ns, run],
    about: [about(["tasks"], { namespace: ns, dag: dag.name, run })],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/attempts", {
        params: { path: { namespace: ns, run: run ?? "" }, query: { limit: PAGE, ...(cursor !== undefined && { cursor }) } },
        signal,
      }),
    enabled: run !== undefined,
  });
  useEffect(() => onFresh(spans.updatedAt), [onFresh, spans.updatedAt]);
  const wanted = (values.name ?? "").trim().toLowerCase();
  const items = useMemo(() => spans.items?.filter((span) => span.task.toLowerCase().includes(wanted)) ?? [], [spans.items, wanted]);
  const choose = (chosen: Chosen) => set({ run: values.run, task: undefined, group: undefined, index: undefined, ...chosen });
  return (
    <>
      <FilterBar isActive={isActive && values.name !== undefined} clear={() => set({ name: undefined })}>
        <RunPicker runs={listed} value={run} onChange={(name) => set({ run: name })} />
        <SearchFilter label="Task contains" value={values.name} onChange={(name) => set({ name }, { replace: true })} />
      </FilterBar>
      <ProblemNote error={runs.error ?? spans.problem} retry={spans.refetch} keepsData={spans.items !== undefined} />
      {(runs.isLoading || spans.isLoading) && <Loading what="Loading the attempts" />}
      {runs.data !== undefined && run === undefined && <Empty title="No runs">Trigger a run to see when its tasks work.</Empty>}
      {spans.items !== undefined && items.length === 0 && (
        <Empty title="No attempts" clear={wanted === "" ? undefined : () => set({ name: undefined })}>
          No task of this run has been given a Pod yet.
        </Empty>
      )}
      {items.length > 0 && (
        <div className="dag-split">
          <div className="stack dag-main">
            <Bars items={items} places={layout?.places ?? new Map()} chosen={values} onChoose={(row) => choose({ run, task: row.task, ...(row.index !== null && { index: String(row.index) }) })} />
            <Legend states={["Queued", "Running", "Success", "Failed", "Skipped"]} />
            <Pager pages={spans} one="attempt" />
          </div>
          {values.task !== undefined && layout !== undefined && (
            <Panel
              ns={ns}
              dag={dag.name}
              chosen={{ ...values, run }}
              layout={layout}
              store={states.store}
              columns={columns}
              onChoose={(next) => choose(next.task === undefined ? {} : next)}
            />
          )}
        </div>
      )}
    </>
  );
}

type BarsProps = { items: readonly Span[]; places: ReadonlyMap<string, number>; chosen: Chosen; onChoose: (row: Row) => void };

function Bars({ items, places, chosen, onChoose }: BarsProps) {
  const now = useNow();
  const isOver = items.every((span) => span.finishedAt !== null);
  const until = isOver ? 0 : now;
  const chart = useMemo(() => chartOf(items, places, until), [items, places, until]);
  const ticks = ticksOf(chart.seconds);
  return (
    // A region that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="gantt-box" role="region" aria-label="Attempts in time" tabIndex={0}>
      <table className="gantt">
        <caption className="small muted">
          From <Time at={new Date(chart.begins).toISOString()} />, {duration(chart.seconds)} in all. Pale: waiting for the container. Full: at work.
        </caption>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">
              <span className="hidden-visually">Attempts</span>
              <svg className="gantt-axis" aria-hidden="true">
                {ticks.map((tick) => (
                  <g key={tick}>
                    <line x1={percent(tick, chart)} x2={percent(tick, chart)} y1="14" y2="22" />
                    <text x={percent(tick, chart)} y="11" textAnchor={tick === 0 ? "start" : tick / chart.seconds > 0.95 ? "end" : "middle"}>
                      {tick === 0 ? "0" : duration(tick)}
                    </text>
                  </g>
                ))}
              </svg>
            </th>
          </tr>
        </thead>
        <tbody>
          {chart.rows.map((row) => (
            <tr key={row.key} data-current={chosen.task === row.task && (chosen.index ?? null) === (row.index === null ? null : String(row.index))}>
              <th scope="row">
                <button type="button" className="plain cut" title={row.key} onClick={() => onChoose(row)}>
                  {row.key}
                </button>
              </th>
              <td>
                <svg className="gantt-row" role="img" aria-label={row.bars.map(barWords).join("; ")}>
                  {ticks.map((tick) => (
                    <line key={tick} className="gantt-grid" x1={percent(tick, chart)} x2={percent(tick, chart)} y1="0" y2="100%" />
                  ))}
                  {row.bars.map((bar) => (
                    <g key={bar.span.number} data-family={lookOf(bar.span.state).family}>
                      <title>{barWords(bar)}</title>
                      <rect className="gantt-wait" x={percent(bar.queued, chart)} width={percent(bar.start - bar.queued, chart)} y="6" height="8" />
                      <rect className="gantt-work" x={percent(bar.start, chart)} width={percent(bar.end - bar.start, chart)} y="3" height="14" rx="2" />
                    </g>
                  ))}
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function percent(seconds: number, chart: Chart): string {
  return `${((100 * seconds) / chart.seconds).toFixed(3)}%`;
}

/** `try 2, failed, waited 3 s, worked 1 min 5 s, OOMKilled`. */
function barWords({ span, queued, start, end }: Bar): string {
  const words = [`try ${span.number}`, lookOf(span.state).word, `waited ${duration(start - queued)}`];
  return [...words, ...(span.startedAt === null ? [] : [`worked ${duration(end - start)}`]), ...(span.reason === null ? [] : [span.reason])].join(", ");
}
