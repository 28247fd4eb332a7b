import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { RunLine } from "../../api/schema";
import { shellWord, words } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, FlagFilter, ManyFilter, SearchFilter, StateFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { keyOfRun, RunTable } from "../../parts/RunTable";
import { BulkDialog, type Bulk, type Chosen } from "./BulkDialog";
import { LabelFilter } from "./LabelFilter";
import { Recent } from "./Recent";
import { queryOf, SHAPE, STATES, TYPES } from "./shape";
import { TimeFilter } from "./TimeFilter";
import "./runs.css";

const TYPE_OPTIONS = TYPES.map((type) => ({ value: type, label: words(type) }));
const BULKS: readonly (readonly [Bulk, string])[] = [
  ["retry", "Retry failed"],
  ["clear", "Clear"],
  ["mark", "Mark"],
  ["cancel", "Cancel runs"],
  ["delete", "Delete"],
];

/** The runs of all Dags, newest first; what is done to several is previewed first. */
export default function Runs() {
  const namespace = useNamespace();
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const query = queryOf(values, namespace);
  const runs = usePages<RunLine>({
    key: ["runs", query],
    about: [about(["runs"], { namespace, dag: values.dag })],
    call: (cursor, signal) => api.GET("/api/v1/runs", { params: { query: { ...query, cursor } }, signal }),
  });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setIsAll] = useState(false);
  const [bulk, setBulk] = useState<Bulk | null>(null);
  const items = runs.items ?? [];
  const picked = items.filter((run) => selected.has(keyOfRun(run)));
  const chosen: Chosen = isAll ? { filter: query } : { runs: picked.map(({ namespace: ns, name }) => ({ namespace: ns, name })) };
  const told = isAll ? "all that match" : String(picked.length);
  const canAct = isAll || picked.length > 0;

  return (
    <Page
      title="Runs"
      updatedAt={runs.updatedAt}
      command={`kubectl get dagruns.slipway.dev${selector(values.label)} ${inNamespace(namespace && shellWord(namespace))}`}
      actions={BULKS.map(([each, label]) => (
        <button key={each} type="button" disabled={!canAct} onClick={() => setBulk(each)}>
          {label}
          {canAct && ` (${told})`}
        </button>
      ))}
    >
      <Recent namespace={namespace} />
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <StateFilter values={values.state} states={STATES} onChange={(state) => set({ state })} />
        <SearchFilter label="Dag, whole name" value={values.dag} onChange={(dag) => set({ dag }, { replace: true })} />
        <ManyFilter label="Type" values={values.type} options={TYPE_OPTIONS} onChange={(type) => set({ type })} />
        <TimeFilter label="After" value={values.after} onChange={(after) => set({ after })} />
        <TimeFilter label="Before" value={values.before} onChange={(before) => set({ before })} />
        <LabelFilter values={values.label} onChange={(label) => set({ label })} />
        <FlagFilter label="Deleted" value={values.deleted} onChange={(deleted) => set({ deleted })} />
      </FilterBar>
      <ProblemNote error={runs.problem} retry={runs.refetch} keepsData={runs.items !== undefined} />
      {runs.isLoading && <Loading what="Loading the runs" />}
      {runs.items?.length === 0 && (
        <Empty title="No runs" clear={filters.isActive ? filters.clear : undefined}>
          <p>
            Runs come by a Dag&apos;s schedule, or when somebody triggers one in the <Link to="/dags">list of Dags</Link>.
          </p>
        </Empty>
      )}
      {items.length > 0 && (
        <>
          <label className="row small runs-all">
            <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.target.checked)} />
            Choose all runs that match the filters, also those that are not shown (200 at once)
          </label>
          <RunTable
            runs={items}
            withNamespace={namespace === undefined}
            selection={{
              selected: isAll ? new Set(items.map(keyOfRun)) : selected,
              onChange: (next) => {
                setIsAll(false);
                setSelected(next);
              },
            }}
          />
          <Pager pages={runs} one="run" />
        </>
      )}
      {bulk !== null && (
        <BulkDialog
          bulk={bulk}
          chosen={chosen}
          onClose={() => setBulk(null)}
          onDone={() => {
            setSelected(new Set());
            setIsAll(false);
          }}
        />
      )}
    </Page>
  );
}

function selector(labels: readonly string[]): string {
  return labels.length === 0 ? "" : ` -l ${shellWord(labels.join(","))}`;
}
