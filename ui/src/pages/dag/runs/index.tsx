import { useEffect } from "react";
import { Link } from "react-router";
import { api } from "../../../api/client";
import { about, usePages } from "../../../api/hooks";
import type { RunLine } from "../../../api/schema";
import { words } from "../../../format";
import { Empty } from "../../../parts/Empty";
import { FilterBar, FlagFilter, ManyFilter, StateFilter } from "../../../parts/Filters";
import { useFilters } from "../../../parts/useFilters";
import { Loading } from "../../../parts/Loading";
import { Pager } from "../../../parts/Pager";
import { ProblemNote } from "../../../parts/Problem";
import { RunTable } from "../../../parts/RunTable";
import { LabelFilter } from "../../runs/LabelFilter";
import { queryOf, SHAPE as ALL, STATES, TYPES } from "../../runs/shape";
import { TimeFilter } from "../../runs/TimeFilter";
import "../../runs/runs.css";
import type { ViewProps } from "../view";

const SHAPE = { state: ALL.state, type: ALL.type, after: ALL.after, before: ALL.before, label: ALL.label, deleted: ALL.deleted } as const;

/** The Dag's runs, the newest first. */
export default function Runs({ ns, dag, onFresh }: ViewProps) {
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const query = queryOf({ ...values, dag: undefined }, undefined);
  const runs = usePages<RunLine>({
    key: ["dag runs", ns, dag.name, query],
    about: [about(["runs"], { namespace: ns, dag: dag.name })],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/runs", {
        params: { path: { namespace: ns, dag: dag.name }, query: { ...query, ...(cursor !== undefined && { cursor }) } },
        signal,
      }),
  });
  useEffect(() => onFresh(runs.updatedAt), [onFresh, runs.updatedAt]);
  return (
    <>
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <StateFilter values={values.state} states={STATES} onChange={(state) => set({ state })} />
        <ManyFilter label="Type" values={values.type} options={TYPES.map((type) => ({ value: type, label: words(type) }))} onChange={(type) => set({ type })} />
        <TimeFilter label="From" value={values.after} onChange={(after) => set({ after })} />
        <TimeFilter label="Before" value={values.before} onChange={(before) => set({ before })} />
        <LabelFilter values={values.label} onChange={(label) => set({ label })} />
        <FlagFilter label="Deleted" value={values.deleted} onChange={(deleted) => set({ deleted })} />
      </FilterBar>
      <ProblemNote error={runs.problem} retry={runs.refetch} keepsData={runs.items !== undefined} />
      {runs.isLoading && <Loading what="Loading the runs" />}
      {runs.items?.length === 0 && (
        <Empty title="No runs" clear={filters.isActive ? filters.clear : undefined}>
          <p>This Dag has not run yet.</p>
        </Empty>
      )}
      {(runs.items?.length ?? 0) > 0 && (
        <>
          <RunTable runs={runs.items ?? []} caption={`Runs of ${dag.name}`} withNamespace={false} withDag={false} />
          <Pager pages={runs} one="run" />
        </>
      )}
      <p className="muted small">
        To clear, mark or cancel several at once, choose them in <Link to={`/runs?namespace=${ns}&dag=${dag.name}`}>the list of all runs</Link>.
      </p>
    </>
  );
}
