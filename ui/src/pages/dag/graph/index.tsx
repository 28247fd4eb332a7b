import { useCallback, useEffect, useMemo } from "react";
import { api } from "../../../api/client";
import { about, useRead } from "../../../api/hooks";
import type { RunBar } from "../../../api/schema";
import { count } from "../../../format";
import { Empty } from "../../../parts/Empty";
import { ChoiceFilter, FilterBar, ManyFilter, SearchFilter, StateFilter } from "../../../parts/Filters";
import { useFilters } from "../../../parts/useFilters";
import { Loading } from "../../../parts/Loading";
import { ProblemNote } from "../../../parts/Problem";
import { useLayoutOf } from "../../../worker/useLayout";
import type { LayoutInput } from "../../../worker/layout";
import { useLayout, useRunChanges, useRuns, useStates } from "../grid/data";
import { toggled } from "../grid/layoutKept";
import type { Layout } from "../grid/model";
import type { Chosen } from "../panel/chosen";
import { Panel } from "../panel/Panel";
import { RunPicker } from "../RunPicker";
import { CHOSEN, type ViewProps } from "../view";
import { AsTable } from "./AsTable";
import { Drawing } from "./Drawing";
import { DRAW_AT_MOST, FOLD_OVER, nameOf, pictureOf, type Walk } from "./model";
import { LiveContext, NODE_HEIGHT, NODE_WIDTH, type Live } from "./TaskNode";
import "../grid/grid.css";
import "./graph.css";

/** `turned`: groups that stand otherwise than they begin; `from`, `walk`, `depth`: only what can be reached. */
const SHAPE = {
  ...CHOSEN,
  find: "text",
  only: "text",
  turned: "many",
  state: "many",
  from: "text",
  walk: "text",
  depth: "text",
  direction: "text",
  as: "text",
} as const;
const WINDOW = { limit: 50, cursor: undefined, state: [], type: [] } as const;
const DEPTHS = ["1", "2", "3", "5", "10"].map((value) => ({ value, label: `${value} ${value === "1" ? "step" : "steps"}` }));
const WALKS = [
  { value: "up", label: "what comes before" },
  { value: "down", label: "what comes after" },
];

/** The Dag's tasks in layers, with the states of a run. */
export default function Graph({ ns, dag, onFresh }: ViewProps) {
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const place = { ns, dag: dag.name };
  const runs = useRuns(place, WINDOW);
  const listed = runs.data?.items ?? [];
  const run = useChosenRun(ns, values.run ?? listed[0]?.name, listed);
  const columns = useMemo(() => (run === undefined ? [] : [run]), [run]);
  const { layout, structures, problem } = useLayout(place, run?.revision ?? dag.revision, []);
  const states = useStates(place, layout, columns, useRunChanges(place, listed, true));
  const folded = useMemo(() => foldedGroups(layout, values.turned), [layout, values.turned]);
  const onFold = useCallback((group: string) => set({ turned: [...toggled(new Set(values.turned), group)] }), [set, values.turned]);
  const live = useMemo<Live>(
    () => ({ store: states.store, run: run?.name, states: new Set(values.state), onFold }),
    [states.store, run, values.state, onFold],
  );
  const choose = (next: Chosen) => set({ run: values.run, task: undefined, group: undefined, index: undefined, ...next });
  useEffect(() => onFresh(states.answer.dataUpdatedAt), [onFresh, states.answer.dataUpdatedAt]);
  const groups = layout?.lines.flatMap((line) => (line.kind === "group" ? [line] : [])) ?? [];
  const chosen = values.task ?? (values.group && `group/${values.group}`);
  return (
    <>
      <FilterBar
        isActive={[values.find, values.only, values.from].some((each) => each !== undefined) || values.state.length > 0}
        clear={() => set({ find: undefined, only: undefined, from: undefined, walk: undefined, depth: undefined, state: [] })}
      >
        <RunPicker runs={listed} value={run?.name} onChange={(name) => set({ run: name })} />
        <SearchFilter label="Find a task" value={values.find} onChange={(find) => set({ find }, { replace: true })} />
        {groups.length > 0 && (
          <ChoiceFilter label="Group" value={values.only} options={groups.map((group) => ({ value: group.group }))} onChange={(only) => set({ only })} />
        )}
        <button type="button" disabled={chosen === undefined && values.from === undefined} onClick={() => set({ from: values.from === undefined ? (values.task ?? values.group) : undefined })}>
          {values.from === undefined ? "Only around the chosen task" : "Show all tasks"}
        </button>
        {values.from !== undefined && (
          <>
            <ChoiceFilter label="Walk" value={values.walk} options={WALKS} onChange={(walk) => set({ walk })} />
            <ChoiceFilter label="Depth" value={values.depth} options={DEPTHS} onChange={(depth) => set({ depth })} />
          </>
        )}
        <div className="row grid-tools">
          {groups.length > 0 && (
            <ManyFilter
              label="Folded"
              values={[...folded]}
              options={groups.map((group) => ({ value: group.group }))}
              onChange={(wanted) => set({ turned: turnedFor(layout, wanted) })}
            />
          )}
          {groups.length > 0 && (
            <button type="button" className="plain" onClick={() => set({ turned: turnedFor(layout, folded.size === 0 ? groupsOf(layout) : []) })}>
              {folded.size === 0 ? "Fold all groups" : "Unfold all groups"}
            </button>
          )}
          <button type="button" className="plain" onClick={() => set({ direction: values.direction === "TB" ? undefined : "TB" })}>
            {values.direction === "TB" ? "Left to right" : "Top to bottom"}
          </button>
          <button type="button" className="plain" aria-pressed={values.as === "table"} onClick={() => set({ as: values.as === "table" ? undefined : "table" })}>
            As a table
          </button>
        </div>
      </FilterBar>
      <StateFilter label="Show states" values={values.state} states={[...(layout?.legend ?? []), "None"]} onChange={(state) => set({ state })} />
      <ProblemNote error={runs.error ?? problem ?? states.answer.error} retry={() => void runs.refetch()} keepsData={layout !== undefined} />
      {layout === undefined && dag.revision !== null && problem === null && <Loading what="Loading the graph" />}
      {dag.revision === null && run === undefined && <Empty title="No graph">No version of this Dag has ever been valid, so there is nothing to draw.</Empty>}
      {structures[0]?.faults.length ? <p className="muted">This version of Slipway would not accept the Dag: {structures[0].faults[0]}</p> : null}
      {layout !== undefined && (
        <div className="dag-split">
          <LiveContext value={live}>
            <Picture
              layout={layout}
              live={live}
              revision={structures[0]?.revision ?? ""}
              values={values}
              folded={folded}
              chosen={chosen}
              onChoose={(key) => choose(key.startsWith("group/") ? { group: key.slice(6), run: run?.name } : { task: key, run: run?.name })}
            />
          </LiveContext>
          {chosen !== undefined && (values.task !== undefined || run !== undefined) && (
            <Panel
              ns={ns}
              dag={dag.name}
              chosen={{ task: values.task, group: values.group, index: values.index, run: run?.name }}
              layout={layout}
              store={states.store}
              columns={columns}
              onChoose={(next) => choose(next.task === undefined && next.group === undefined ? {} : next)}
            />
          )}
        </div>
      )}
    </>
  );
}

type Shown = { find?: string | undefined; only?: string | undefined; from?: string | undefined; walk?: string | undefined; depth?: string | undefined; direction?: string | undefined; as?: string | undefined };
type PictureProps = { layout: Layout; live: Live; revision: string; values: Shown; folded: ReadonlySet<string>; chosen: string | undefined; onChoose: (key: string) => void };

function Picture({ layout, live, revision, values, folded, chosen, onChoose }: PictureProps) {
  const { only, from, walk, depth } = values;
  const direction = values.direction === "TB" ? "TB" : "LR";
  const picture = useMemo(
    () => pictureOf(layout, { folded, group: only, from, walk: (walk as Walk | undefined) ?? "both", depth: depth === undefined ? undefined : Number(depth) }),
    [layout, folded, only, from, walk, depth],
  );
  const isTable = values.as === "table";
  const isTooLarge = picture.nodes.length > DRAW_AT_MOST;
  const input = useMemo<LayoutInput | undefined>(
    () =>
      isTooLarge || isTable
        ? undefined
        : { nodes: picture.nodes.map((node) => node.key), edges: picture.edges, direction, width: NODE_WIDTH, height: NODE_HEIGHT },
    [picture, direction, isTooLarge, isTable],
  );
  const { laid, fault } = useLayoutOf(nameOf(revision, direction, picture), input);
  return (
    <div className="stack dag-main">
      {isTable ? (
        <AsTable nodes={picture.nodes} edges={picture.edges} live={live} onChoose={onChoose} />
      ) : isTooLarge ? (
        <Empty title={`${count(picture.nodes.length, "task")} are too many to draw`}>
          <p>Fold the groups, choose one group, or show only what is around a task. The table and the grid show them all.</p>
        </Empty>
      ) : (
        <div className="graph-box" role="group" aria-label="Graph of the tasks; the table says the same in words">
          {fault !== undefined && <ProblemNote error={new Error(fault)} />}
          {laid === undefined && fault === undefined && <Loading what={`Laying out ${count(picture.nodes.length, "node")}`} />}
          {laid !== undefined && <Drawing picture={picture} laid={laid} direction={direction} chosen={chosen} find={(values.find ?? "").trim().toLowerCase()} onChoose={onChoose} />}
        </div>
      )}
      <p className="muted small" role="status">
        {count(picture.nodes.length, "node")}, {count(picture.edges.length, "edge")} of {count(layout.tasks.length, "task")}
        {laid !== undefined && !isTable && `, laid out in ${Math.round(laid.tookMs)} ms`}. A trigger rule is shown where it is not &ldquo;all success&rdquo;.
      </p>
    </div>
  );
}

/** The run of the address, also one that the list of the newest does not have. */
function useChosenRun(ns: string, name: string | undefined, listed: readonly RunBar[]): RunBar | undefined {
  const found = listed.find((run) => run.name === name);
  const asked = useRead({
    key: ["run", ns, name],
    about: [about(["runs"], { namespace: ns, run: name })],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path: { namespace: ns, run: name ?? "" } }, signal }),
    enabled: name !== undefined && found === undefined && listed.length > 0,
  });
  return found ?? asked.data;
}

function groupsOf(layout: Layout | undefined): readonly string[] {
  return layout?.lines.flatMap((line) => (line.kind === "group" ? [line.group] : [])) ?? [];
}

function foldedGroups(layout: Layout | undefined, turned: readonly string[]): ReadonlySet<string> {
  const begins = (layout?.tasks.length ?? 0) > FOLD_OVER;
  return new Set(groupsOf(layout).filter((group) => begins !== turned.includes(group)));
}

/** The turned groups with which just these are folded. */
function turnedFor(layout: Layout | undefined, wanted: readonly string[]): readonly string[] {
  const begins = (layout?.tasks.length ?? 0) > FOLD_OVER;
  return groupsOf(layout).filter((group) => begins !== wanted.includes(group));
}
