import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { PodEvent, PodEvents } from "../../api/schema";
import { Empty } from "../../parts/Empty";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";

type Props = { ns: string; run: string; task: string; index: number | undefined; attempt: number };

/** What Kubernetes has said of the attempt's Pod. */
export function Events({ ns, run, task, index, attempt }: Props) {
  const events = useRead<PodEvents>({
    key: ["pod-events", ns, run, task, index, attempt],
    about: [about(["tasks"], { namespace: ns, run })],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks/{task}/attempts/{attempt}/events", {
        params: { path: { namespace: ns, run, task, attempt }, query: { index } },
        signal,
      }),
  });
  const { data } = events;
  return (
    <>
      <ProblemNote error={events.error} retry={() => void events.refetch()} keepsData={data !== undefined} />
      {events.isLoading && <Loading what="Reading the Pod's events" />}
      {data !== undefined && (
        <p className="small muted">
          {data.source === "archived" ? (
            <>
              Kept from before the Pod went, as of <Time at={data.at} />
            </>
          ) : (
            <>
              From the API server, as of <Time at={data.at} />
            </>
          )}
        </p>
      )}
      {data?.items.length === 0 && (
        <Empty title="No events">
          <p>Kubernetes has said nothing of this Pod, or its events have gone: a cluster keeps them for an hour unless told otherwise.</p>
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Table caption="Events of the Pod" columns={COLUMNS} rows={data.items} rowKey={(event) => `${event.reason} ${event.first} ${event.message}`} />
      )}
    </>
  );
}

const COLUMNS: readonly Column<PodEvent>[] = [
  {
    key: "type",
    title: "Type",
    width: "1%",
    cell: (event) => (
      <span className="state" data-family={event.type === "Warning" ? "retry" : "waiting"}>
        {event.type}
      </span>
    ),
  },
  { key: "reason", title: "Reason", width: "1%", cell: (event) => <strong>{event.reason}</strong> },
  { key: "message", title: "Message", cell: (event) => <span className="task-message"><Said text={event.message} /></span> },
  { key: "count", title: "Times", right: true, width: "1%", cell: (event) => event.count.toLocaleString("en") },
  { key: "first", title: "First", width: "1%", cell: (event) => <span className="task-time"><Time at={event.first} /></span> },
  { key: "last", title: "Last", width: "1%", cell: (event) => <span className="task-time"><Time at={event.last} /></span> },
];
