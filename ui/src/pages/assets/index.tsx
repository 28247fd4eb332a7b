import { Link, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { AssetLine } from "../../api/schema";
import { shellWord } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, SearchFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import "./assets.css";
import { AssetEvents } from "./AssetEvents";

const SHAPE = { name: "text" } as const;

const ASSET_COLUMNS = "custom-columns=DAG:.metadata.name,UPDATES:.spec.tasks[*].updates,WAITS-FOR:.status.assets.waitsFor";

const COLUMNS: readonly Column<AssetLine>[] = [
  { key: "name", title: "Asset", cell: (asset) => <Name asset={asset} /> },
  { key: "namespace", title: "Namespace", width: "1%", cell: (asset) => asset.namespace },
  { key: "producers", title: "Updated by", cell: (asset) => <Producers asset={asset} /> },
  { key: "consumers", title: "Waited for by", cell: (asset) => <Consumers asset={asset} /> },
  { key: "last", title: "Last update", cell: (asset) => <Last asset={asset} /> },
];

/** Assets, who updates them and who waits for them, and the history of their updates. */
export default function Assets() {
  const namespace = useNamespace();
  const filters = useFilters(SHAPE);
  const [search] = useSearchParams();
  const [place, asset] = [search.get("in"), search.get("asset")];
  const query = { ...filters.values, namespace };
  const assets = usePages<AssetLine>({
    key: ["assets", query],
    about: [about(["dags", "tasks"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/assets", { params: { query: { ...query, cursor } }, signal }),
  });
  return (
    <Page
      title="Assets"
      updatedAt={assets.updatedAt}
      command={`kubectl get dags.slipway.dev -o ${shellWord(ASSET_COLUMNS)} ${inNamespace(namespace && shellWord(namespace))}`}
    >
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <SearchFilter label="Name contains" value={filters.values.name} onChange={(name) => filters.set({ name }, { replace: true })} />
      </FilterBar>
      <ProblemNote error={assets.problem} retry={assets.refetch} keepsData={assets.items !== undefined} />
      {assets.isLoading && <Loading what="Loading the assets" />}
      {assets.items?.length === 0 && (
        <Empty title="No assets" clear={filters.isActive ? filters.clear : undefined}>
          <p>An asset is a name that a task updates, and that other Dags of its namespace wait for:</p>
          <pre>{`tasks:\n- name: load\n  updates: [orders]          # in the Dag that makes it\n\nschedule:\n  assets: {all: [orders]}    # in a Dag that uses it`}</pre>
        </Empty>
      )}
      {assets.items !== undefined && assets.items.length > 0 && (
        <>
          <Table
            caption="Assets"
            columns={COLUMNS}
            rows={assets.items}
            rowKey={(each) => `${each.namespace}/${each.name}`}
            current={`${place}/${asset}`}
          />
          <Pager pages={assets} one="asset" />
        </>
      )}
      <AssetEvents namespace={place ?? namespace} asset={asset ?? undefined} />
    </Page>
  );
}

function Name({ asset }: { asset: AssetLine }) {
  const [search] = useSearchParams();
  const to = new URLSearchParams(search);
  to.set("asset", asset.name);
  to.set("in", asset.namespace);
  return (
    <Link to={`?${to}`} className="cut assets-name" title={asset.name}>
      {asset.name}
    </Link>
  );
}

function Producers({ asset }: { asset: AssetLine }) {
  if (asset.producers.length === 0) {
    return <span className="assets-none">nobody updates it</span>;
  }
  return (
    <ul className="assets-list">
      {asset.producers.map((producer) => (
        <li key={producer.dag}>
          <Link to={`/dags/${asset.namespace}/${producer.dag}/grid`}>{producer.dag}</Link>
          <span className="muted cut" title={producer.tasks.join(", ")}>
            {producer.tasks.length > 3 ? `${producer.tasks.length} tasks` : producer.tasks.join(", ")}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Consumers({ asset }: { asset: AssetLine }) {
  if (asset.consumers.length === 0) {
    return <span className="muted">nobody</span>;
  }
  return (
    <ul className="assets-list">
      {asset.consumers.map((dag) => (
        <li key={dag}>
          <Link to={`/dags/${asset.namespace}/${dag}/grid`}>{dag}</Link>
        </li>
      ))}
    </ul>
  );
}

function Last({ asset }: { asset: AssetLine }) {
  const { lastEvent } = asset;
  if (lastEvent === null) {
    return <span className="muted">never</span>;
  }
  return (
    <span className="assets-last">
      <Time at={lastEvent.at} ago /> <span className="muted">by</span>{" "}
      <Link to={`/runs/${lastEvent.namespace}/${lastEvent.run}`} className="cut assets-run" title={lastEvent.run}>
        {lastEvent.run}
      </Link>
    </span>
  );
}
