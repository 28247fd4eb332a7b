import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { AuditLine } from "../../api/schema";
import { shellWord } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, ManyFilter, TextFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import "./audit.css";
import { detailsOf } from "./details";

const SHAPE = { dag: "text", run: "text", user: "text", action: "many" } as const;
const ACTIONS = ["trigger", "clear", "mark", "cancel", "pause", "resume", "note", "slots", "backfill", "approve", "answer", "delete"].map((value) => ({ value }));

/** Where an object of a kind has its page; a Dag's is found by its name. */
const PAGES: Record<string, (line: AuditLine) => string> = {
  Dag: ({ namespace, name }) => `/dags/${namespace}/${name}/grid`,
  DagRun: ({ namespace, name }) => `/runs/${namespace}/${name}`,
  Backfill: ({ namespace, name }) => `/backfills/${namespace}/${name}`,
  Approval: ({ namespace, run }) => `/approvals?namespace=${namespace}${run === null ? "" : `&run=${run}`}`,
  Pool: ({ namespace }) => `/pools?namespace=${namespace}`,
};

const COLUMNS: readonly Column<AuditLine>[] = [
  { key: "at", title: "When", width: "1%", cell: (line) => <span className="audit-time"><Time at={line.at} /></span> },
  { key: "who", title: "Who", cell: (line) => <Who line={line} /> },
  { key: "action", title: "What", width: "1%", cell: (line) => <strong>{line.action}</strong> },
  { key: "object", title: "Object", cell: (line) => <What line={line} /> },
  { key: "dag", title: "Dag", cell: (line) => (line.dag === null ? <None /> : <Link to={`/dags/${line.namespace}/${line.dag}/grid`} className="cut" title={line.dag}>{line.dag}</Link>) },
  { key: "namespace", title: "Namespace", cell: (line) => line.namespace },
  { key: "details", title: "Details", cell: (line) => <Details line={line} /> },
];

/** What people asked for, the newest first. */
export default function Audit() {
  const namespace = useNamespace();
  const filters = useFilters(SHAPE);
  const { values, set } = filters;
  const query = { ...values, namespace, action: [...values.action] };
  const audit = usePages<AuditLine>({
    key: ["audit", query],
    about: [about(["audit", "dags", "runs", "pools", "backfills", "approvals"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/audit", { params: { query: { ...query, cursor } }, signal }),
  });
  return (
    <Page
      title="Audit"
      updatedAt={audit.updatedAt}
      command={`kubectl get dagruns.slipway.dev,dags.slipway.dev,backfills.slipway.dev,approvals.slipway.dev -o yaml ${inNamespace(namespace && shellWord(namespace))}`}
    >
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <ManyFilter label="What" values={values.action} options={ACTIONS} onChange={(action) => set({ action })} />
        <TextFilter label="Who" value={values.user} onChange={(user) => set({ user }, { replace: true })} />
        <TextFilter label="Dag" value={values.dag} onChange={(dag) => set({ dag }, { replace: true })} />
        <TextFilter label="Run" value={values.run} onChange={(run) => set({ run }, { replace: true })} />
      </FilterBar>
      <ProblemNote error={audit.problem} retry={audit.refetch} keepsData={audit.items !== undefined} />
      {audit.isLoading && <Loading what="Loading the audit" />}
      {audit.items?.length === 0 && (
        <Empty title="Nobody has asked for anything" clear={filters.isActive ? filters.clear : undefined}>
          <p>Triggering, clearing, marking, cancelling, pausing, backfilling, answering and deleting are listed here, by whom and when.</p>
        </Empty>
      )}
      {audit.items !== undefined && audit.items.length > 0 && (
        <>
          <Table caption="Audit" columns={COLUMNS} rows={audit.items} rowKey={(line) => `${line.uid}/${line.action}/${line.id}/${line.at}`} />
          <Pager pages={audit} one="action" />
        </>
      )}
      <p className="muted small">
        Who asked is what the caller said; changes by kubectl may say nothing. The API server's own audit log is the proof.
      </p>
    </Page>
  );
}

function Who({ line }: { line: AuditLine }) {
  if (line.askedBy === null) {
    return (
      <span className="muted" title="It was changed without this UI: the API server's audit log knows who">
        not said
      </span>
    );
  }
  return (
    <Link to={`/audit?user=${encodeURIComponent(line.askedBy)}`} className="cut audit-who" title={line.askedBy}>
      <Said text={line.askedBy} />
    </Link>
  );
}

function What({ line }: { line: AuditLine }) {
  const page = PAGES[line.kind];
  const told = (
    <>
      <span className="muted">{line.kind}</span> {line.name}
    </>
  );
  return page === undefined ? (
    <span className="cut audit-object" title={line.name}>
      {told}
    </span>
  ) : (
    <Link to={page(line)} className="cut audit-object" title={line.name}>
      {told}
    </Link>
  );
}

function Details({ line }: { line: AuditLine }) {
  const told = detailsOf(line.details);
  return told === "" ? (
    <None />
  ) : (
    <span className="cut audit-details" title={JSON.stringify(line.details, null, 2)}>
      <Said text={told} />
    </span>
  );
}

function None() {
  return <span className="muted">–</span>;
}
