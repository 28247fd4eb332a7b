import { Link, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { BackfillLine, BackfillState as Standing } from "../../api/schema";
import { line } from "../../actions/commands";
import { useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, StateFilter, TextFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { BackfillState } from "./BackfillState";
import "./backfills.css";
import { NewBackfillDialog } from "./NewBackfillDialog";
import { ProgressBar } from "./ProgressBar";

const SHAPE = { dag: "text", state: "many" } as const;
const STATES: readonly Standing[] = ["Planning", "Planned", "Running", "Success", "Failed"];

const COLUMNS: readonly Column<BackfillLine>[] = [
  { key: "state", title: "State", width: "1%", cell: (each) => <BackfillState backfill={each} /> },
  { key: "name", title: "Backfill", cell: (each) => <Name backfill={each} /> },
  { key: "dag", title: "Dag", cell: (each) => <Link to={`/dags/${each.namespace}/${each.dag}/grid`} className="cut backfills-name" title={each.dag}>{each.dag}</Link> },
  { key: "namespace", title: "Namespace", cell: (each) => each.namespace },
  { key: "from", title: "From", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.from} /></span> },
  { key: "to", title: "To", width: "1%", cell: (each) => <span className="backfills-time"><Time at={each.to} /></span> },
  { key: "progress", title: "Done", width: "1%", cell: (each) => <ProgressBar text={each.progress} failed={each.failed} /> },
  { key: "failed", title: "Failed", right: true, width: "1%", cell: (each) => (each.failed === 0 ? <span className="muted">0</span> : <strong>{each.failed.toLocaleString("en")}</strong>) },
  { key: "created", title: "Created", width: "1%", cell: (each) => <Time at={each.createdAt} ago /> },
];

/** Backfills, the newest first, and the way to a new one: `?new=team/etl` opens its form. */
export default function Backfills() {
  const namespace = useNamespace();
  const [search, setSearch] = useSearchParams();
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const query = { dag: values.dag, namespace, state: [...values.state] as Standing[] };
  const backfills = usePages<BackfillLine>({
    key: ["backfills", query],
    about: [about(["backfills", "runs"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/backfills", { params: { query: { ...query, cursor } }, signal }),
  });
  const wanted = search.get("new");
  const open = (of: string | null) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      after.delete("new");
      if (of !== null) {
        after.set("new", of);
      }
      return after;
    });
  return (
    <Page
      title="Backfills"
      updatedAt={backfills.updatedAt}
      command={namespace === undefined ? "kubectl get backfills.slipway.dev -A" : line("slipway", "backfill", "list", "-n", namespace)}
      actions={
        <button type="button" className="primary" onClick={() => open("")}>
          New backfill
        </button>
      }
    >
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <TextFilter label="Dag" value={values.dag} onChange={(dag) => set({ dag }, { replace: true })} />
        <StateFilter values={values.state} states={STATES} onChange={(state) => set({ state })} />
      </FilterBar>
      <ProblemNote error={backfills.problem} retry={backfills.refetch} keepsData={backfills.items !== undefined} />
      {backfills.isLoading && <Loading what="Loading the backfills" />}
      {backfills.items?.length === 0 && (
        <Empty title="No backfills" clear={filters.isActive ? filters.clear : undefined}>
          <p>A backfill makes the runs of a Dag's schedule for a stretch of its past, or lets them run again.</p>
          <button type="button" onClick={() => open("")}>
            New backfill
          </button>
        </Empty>
      )}
      {backfills.items !== undefined && backfills.items.length > 0 && (
        <>
          <Table caption="Backfills" columns={COLUMNS} rows={backfills.items} rowKey={(each) => each.uid} />
          <Pager pages={backfills} one="backfill" />
        </>
      )}
      {wanted !== null && <NewBackfillDialog of={wanted} onClose={() => open(null)} />}
    </Page>
  );
}

function Name({ backfill }: { backfill: BackfillLine }) {
  return (
    <span className="backfills-cell">
      <Link to={`/backfills/${backfill.namespace}/${backfill.name}`} className="cut backfills-name backfills-link" title={backfill.name}>
        {backfill.name}
      </Link>
      {backfill.note !== null && (
        <span className="muted small cut backfills-name" title={backfill.note}>
          <Said text={backfill.note} />
        </span>
      )}
    </span>
  );
}
