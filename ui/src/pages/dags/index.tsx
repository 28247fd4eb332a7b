import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { DagFilter, DagLine, RunState } from "../../api/schema";
import { shellWord } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, FlagFilter, SearchFilter, StateFilter, TextFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table } from "../../parts/Table";
import { columnsOf } from "./columns";
import { FirstDag } from "./FirstDag";
import { PauseDialog } from "./PauseDialog";
import { TagFilter } from "./TagFilter";
import "./dags.css";

const SHAPE = { name: "text", tag: "many", paused: "flag", ready: "flag", state: "many", owner: "text" } as const;
const STATES: readonly RunState[] = ["Queued", "Running", "Success", "Failed"];
const BARS = 14;

/** All Dags, those that need a look first to find by their filters. */
export default function Dags() {
  const namespace = useNamespace();
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const filter: DagFilter = { ...values, namespace, tag: [...values.tag], state: [...values.state] as RunState[] };
  const query = { ...filter, runs: BARS };
  const dags = usePages<DagLine>({
    key: ["dags", query],
    about: [about(["dags", "runs"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/dags", { params: { query: { ...query, cursor } }, signal }),
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [pausing, setPausing] = useState<boolean | null>(null);
  const addTag = (tag: string) => set({ tag: values.tag.includes(tag) ? values.tag : [...values.tag, tag] });
  const items = dags.items ?? [];
  const chosen = items.filter((dag) => selected.has(keyOf(dag)));
  const canPause = chosen.length > 0 || (filters.isActive && items.length > 0);
  const whom = chosen.length > 0 ? chosen.length : filters.isActive ? "all that match" : "";

  return (
    <Page
      title="Dags"
      updatedAt={dags.updatedAt}
      command={`kubectl get dags -o wide ${inNamespace(namespace && shellWord(namespace))}`}
      actions={
        <>
          <button type="button" disabled={!canPause} onClick={() => setPausing(true)}>
            Pause {whom}
          </button>
          <button type="button" disabled={!canPause} onClick={() => setPausing(false)}>
            Unpause {whom}
          </button>
        </>
      }
    >
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <SearchFilter label="Name contains" value={values.name} onChange={(name) => set({ name }, { replace: true })} />
        <StateFilter label="State of the last run" values={values.state} states={STATES} onChange={(state) => set({ state })} />
        <TagFilter values={values.tag} dags={items} onChange={(tag) => set({ tag })} />
        <TextFilter label="Owner" value={values.owner} onChange={(owner) => set({ owner }, { replace: true })} />
        <FlagFilter label="Paused" value={values.paused} onChange={(paused) => set({ paused })} />
        <FlagFilter label="Ready" value={values.ready} onChange={(ready) => set({ ready })} />
      </FilterBar>
      <ProblemNote error={dags.problem} retry={dags.refetch} keepsData={dags.items !== undefined} />
      {dags.isLoading && <Loading what="Loading the Dags" />}
      {dags.items?.length === 0 && (
        <Empty title="No Dags" clear={filters.isActive ? filters.clear : undefined}>
          <FirstDag namespace={namespace} />
        </Empty>
      )}
      {items.length > 0 && (
        <>
          <Table
            caption="Dags"
            columns={columnsOf({ withNamespace: namespace === undefined, onTag: addTag })}
            rows={items}
            rowKey={keyOf}
            rowLabel={(dag) => dag.name}
            selection={{ selected, onChange: setSelected }}
          />
          <Pager pages={dags} one="Dag" />
        </>
      )}
      {pausing !== null && (
        <PauseDialog
          chosen={chosen.length > 0 ? { dags: chosen.map((dag) => ({ namespace: dag.namespace, name: dag.name })) } : { filter }}
          paused={pausing}
          onClose={() => setPausing(null)}
          onDone={() => setSelected(new Set())}
        />
      )}
      <p className="muted small">
        Runs of all Dags are in the <Link to={namespace ? `/runs?namespace=${namespace}` : "/runs"}>list of runs</Link>.
      </p>
    </Page>
  );
}

function keyOf(dag: DagLine): string {
  return `${dag.namespace}/${dag.name}`;
}
