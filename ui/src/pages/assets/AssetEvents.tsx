import { Link, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { AssetEvent } from "../../api/schema";
import { Loading } from "../../parts/Loading";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";

const COLUMNS: readonly Column<AssetEvent>[] = [
  { key: "at", title: "When", width: "1%", cell: (event) => <span className="assets-last"><Time at={event.at} /></span> },
  { key: "asset", title: "Asset", cell: (event) => <span className="cut" title={event.asset}>{event.asset}</span> },
  { key: "task", title: "Task", cell: (event) => <Updater event={event} /> },
  { key: "run", title: "Run", cell: (event) => <Link to={`/runs/${event.namespace}/${event.run}`} className="cut" title={event.run}>{event.run}</Link> },
  { key: "dag", title: "Dag", cell: (event) => <Link to={`/dags/${event.namespace}/${event.dag}/grid`} className="cut" title={event.dag}>{event.dag}</Link> },
  { key: "attempt", title: "Try", right: true, width: "1%", cell: (event) => event.attempt },
];

/** The updates of one asset, or of all. */
export function AssetEvents({ namespace, asset }: { namespace: string | undefined; asset: string | undefined }) {
  const [search, setSearch] = useSearchParams();
  const events = usePages<AssetEvent>({
    key: ["assets", "events", namespace, asset],
    about: [about(["tasks"], { namespace })],
    call: (cursor, signal) => api.GET("/api/v1/assets/events", { params: { query: { namespace, asset, limit: 25, cursor } }, signal }),
  });
  const all = () => {
    const next = new URLSearchParams(search);
    next.delete("asset");
    next.delete("in");
    setSearch(next);
  };
  return (
    <section className="stack" aria-label="Updates">
      <div className="row">
        <h2 className="cut">{asset === undefined ? "Updates of all assets" : `Updates of ${asset}`}</h2>
        {asset !== undefined && (
          <button type="button" className="plain" onClick={all}>
            Show those of all assets
          </button>
        )}
      </div>
      <ProblemNote error={events.problem} retry={events.refetch} keepsData={events.items !== undefined} />
      {events.isLoading && <Loading what="Loading the updates" />}
      {events.items?.length === 0 && <p className="muted">No task has updated {asset === undefined ? "an asset" : "it"} yet: each success of a task that names it is one update.</p>}
      {events.items !== undefined && events.items.length > 0 && (
        <>
          <Table caption="Updates of assets" columns={COLUMNS} rows={events.items} rowKey={(each) => `${each.run}/${each.task}/${each.index}/${each.attempt}/${each.asset}`} />
          <Pager pages={events} one="update" />
        </>
      )}
    </section>
  );
}

function Updater({ event }: { event: AssetEvent }) {
  const place = event.index === null ? "" : `?index=${event.index}`;
  return (
    <Link to={`/runs/${event.namespace}/${event.run}/tasks/${event.task}${place}`} className="cut" title={event.task}>
      {event.task}
      {event.index !== null && `[${event.index}]`}
    </Link>
  );
}
