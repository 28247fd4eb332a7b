import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { PoolLine } from "../../api/schema";
import { shellWord } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Said } from "../../parts/Said";
import { PoolPanel } from "./PoolPanel";
import { SlotsDialog } from "./SlotsDialog";
import { Use } from "./Use";
import "./pools.css";

/** `pool` is `namespace/name` of the one that is open. */
const SHAPE = { pool: "text" } as const;

/** Pools with their use; one of them opens with who holds its slots and who waits. */
export default function Pools() {
  const namespace = useNamespace();
  const { values, set } = useFilters(SHAPE);
  const pools = usePages<PoolLine>({
    key: ["pools", namespace],
    about: [about(["pools", "tasks"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/pools", { params: { query: { namespace, cursor } }, signal }),
  });
  const [editing, setEditing] = useState<PoolLine | null>(null);
  const columns = useMemo(() => columnsOf(namespace, setEditing), [namespace]);
  const [ns, name] = parted(values.pool);

  return (
    <Page
      title="Pools"
      updatedAt={pools.updatedAt}
      command={name === undefined ? `kubectl get pools.slipway.dev ${inNamespace(namespace && shellWord(namespace))}` : `kubectl -n ${shellWord(ns ?? "")} get pools.slipway.dev ${shellWord(name)} -o yaml`}
    >
      <ProblemNote error={pools.problem} retry={pools.refetch} keepsData={pools.items !== undefined} />
      {pools.isLoading && <Loading what="Loading the pools" />}
      {pools.items?.length === 0 && (
        <Empty title="No pools">
          <p>Each namespace with a Dag has a pool “default” of 128 slots. A Pool of your own limits how many tasks use something at once:</p>
          <pre>{"apiVersion: slipway.dev/v1alpha1\nkind: Pool\nmetadata:\n  name: db\nspec:\n  slots: 4"}</pre>
        </Empty>
      )}
      {pools.items !== undefined && pools.items.length > 0 && (
        <>
          <Table caption="Pools" columns={columns} rows={pools.items} rowKey={keyOf} current={values.pool} />
          <Pager pages={pools} one="pool" />
        </>
      )}
      {ns !== undefined && name !== undefined && <PoolPanel key={values.pool} ns={ns} name={name} edit={setEditing} close={() => set({ pool: undefined })} />}
      {editing !== null && <SlotsDialog pool={editing} onClose={() => setEditing(null)} />}
    </Page>
  );
}

function columnsOf(namespace: string | undefined, edit: (pool: PoolLine) => void): readonly Column<PoolLine>[] {
  const inNs: Column<PoolLine> = { key: "namespace", title: "Namespace", cell: (pool) => <span className="cut pools-name" title={pool.namespace}>{pool.namespace}</span> };
  return [
    ...(namespace === undefined ? [inNs] : []),
    { key: "name", title: "Pool", cell: (pool) => <Name pool={pool} namespace={namespace} /> },
    { key: "use", title: "Use", width: "200px", cell: (pool) => <Use pool={pool} /> },
    { key: "used", title: "Used", right: true, width: "1%", cell: (pool) => pool.used.toLocaleString("en") },
    { key: "slots", title: "Slots", right: true, width: "1%", cell: (pool) => (pool.slots < 0 ? "no limit" : pool.slots.toLocaleString("en")) },
    { key: "queued", title: "Waiting", right: true, width: "1%", cell: (pool) => pool.queued.toLocaleString("en") },
    { key: "description", title: "Description", cell: (pool) => <Description pool={pool} /> },
    {
      key: "edit",
      title: <span className="hidden-visually">Edit</span>,
      width: "1%",
      cell: (pool) => (
        <button
          type="button"
          disabled={pool.implied}
          title={pool.implied ? "Nobody has written this pool: create a Pool “default” to change it" : undefined}
          aria-label={`Edit the slots of ${pool.name}`}
          onClick={() => edit(pool)}
        >
          Edit slots
        </button>
      ),
    },
  ];
}

function Name({ pool, namespace }: { pool: PoolLine; namespace: string | undefined }) {
  const words = new URLSearchParams({ ...(namespace !== undefined && { namespace }), pool: keyOf(pool) });
  return (
    <Link to={`?${words}`} className="cut pools-name pools-link" title={`${pool.name}: who holds its slots, and who waits`}>
      {pool.name}
    </Link>
  );
}

function Description({ pool }: { pool: PoolLine }) {
  if (pool.implied) {
    return <span className="muted">the namespace&apos;s own, which nobody has written</span>;
  }
  return pool.description === null ? <span className="muted">–</span> : <span className="cut pools-description" title={pool.description}><Said text={pool.description} /></span>;
}

function keyOf(pool: PoolLine): string {
  return `${pool.namespace}/${pool.name}`;
}

/** `team/db` -> its namespace and its name. */
function parted(pool: string | undefined): [string | undefined, string | undefined] {
  const at = pool?.indexOf("/") ?? -1;
  return pool === undefined || at <= 0 ? [undefined, undefined] : [pool.slice(0, at), pool.slice(at + 1)];
}
