import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { AuditLine, RunDetail } from "../../api/schema";
import { words } from "../../format";
import { Empty } from "../../parts/Empty";
import { Loading } from "../../parts/Loading";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Said } from "../../parts/Said";
import { Table, type Column } from "../../parts/Table";
import { Time } from "../../parts/Time";
import { detailsOf } from "../audit/details";

/** What people asked of this run: who and when. */
export function Requests({ run }: { run: RunDetail }) {
  const query = { namespace: run.namespace, run: run.name };
  const requests = usePages<AuditLine>({
    key: ["audit", query],
    about: [about(["runs"], query)],
    call: (cursor, signal) => api.GET("/api/v1/audit", { params: { query: { ...query, cursor } }, signal }),
  });
  return (
    <>
      <ProblemNote error={requests.problem} retry={requests.refetch} keepsData={requests.items !== undefined} />
      {requests.isLoading && <Loading what="Loading the requests" />}
      {requests.items?.length === 0 && (
        <Empty title="Nobody asked anything of this run">
          <p>Who triggers, clears, marks, pauses or cancels it is listed here.</p>
        </Empty>
      )}
      {requests.items !== undefined && requests.items.length > 0 && (
        <>
          <Table caption="Requests" columns={COLUMNS} rows={requests.items} rowKey={(line) => `${line.uid} ${line.action} ${line.id}`} />
          <Pager pages={requests} one="request" />
        </>
      )}
    </>
  );
}

const COLUMNS: readonly Column<AuditLine>[] = [
  { key: "at", title: "When", width: "1%", cell: (line) => <span className="task-time"><Time at={line.at} /></span> },
  {
    key: "who",
    title: "Who",
    width: "1%",
    cell: (line) =>
      line.askedBy === null ? <span className="muted" title="Nobody was named, as when kubectl was used">not told</span> : <span className="cut task-name" title={line.askedBy}><Said text={line.askedBy} /></span>,
  },
  { key: "action", title: "What", width: "1%", cell: (line) => <strong>{words(line.action)}</strong> },
  { key: "details", title: "Details", cell: (line) => <span className="task-message"><Said text={detailsOf(line.details)} /></span> },
];
