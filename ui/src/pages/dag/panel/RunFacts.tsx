import { api } from "../../../api/client";
import { about, useRead } from "../../../api/hooks";
import type { RunDetail } from "../../../api/schema";
import { words } from "../../../format";
import { Duration } from "../../../parts/Duration";
import { Loading } from "../../../parts/Loading";
import { ProblemNote } from "../../../parts/Problem";
import { TaskCounts, RunStateOf } from "../../../parts/RunTable";
import { State } from "../../../parts/State";
import { Time } from "../../../parts/Time";
import { Said } from "../../../parts/Said";
import type { Layout } from "../grid/model";
import type { GridStore } from "../grid/store";
import { Facts } from "./Facts";
import type { Chosen } from "./chosen";
import { Waits } from "./Waits";

type Props = { ns: string; dag: string; run: string; group: string | undefined; layout: Layout; store: GridStore; onChoose: (chosen: Chosen) => void };
const NOT_WELL = ["Failed", "UpstreamFailed", "UpForRetry"];
const MOST = 20;

/** One run; or of a group in it, its tasks. */
export function RunFacts({ ns, dag, run, group, layout, store, onChoose }: Props) {
  const answer = useRead<RunDetail>({
    key: ["run", ns, run],
    about: [about(["runs"], { namespace: ns, dag, run })],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path: { namespace: ns, run } }, signal }),
  });
  const found = answer.data;
  const tasks = layout.lines.filter((line) => line.kind === "task" && (group === undefined || (layout.around[line.place] ?? []).includes(group)));
  const shown = tasks.map((line) => ({ line, cell: store.cell(line, run) })).filter(({ cell }) => group !== undefined || NOT_WELL.includes(cell.state ?? ""));
  return (
    <>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} keepsData={found !== undefined} />
      {answer.isLoading && <Loading />}
      {found !== undefined && group === undefined && (
        <>
          <Waits waits={found.waitingFor} />
          <Facts
            facts={[
              ["State", <RunStateOf key="state" run={found} />],
              ["Type", words(found.runType)],
              ["Logical date", found.logicalDate && <Time key="date" at={found.logicalDate} />],
              ["Started", found.startedAt && <Time key="start" at={found.startedAt} />],
              ["Took", found.startedAt && <Duration key="took" from={found.startedAt} to={found.finishedAt} />],
              ["Tasks", <TaskCounts key="tasks" run={found} />],
              ["Reason", found.reason],
              ["Message", found.message !== null && <Said key="message" text={found.message} />],
              ["Note", found.note],
              ["Params", found.params !== "{}" && <code key="params">{found.params}</code>],
              ["Version", found.revision && <code key="revision">{found.revision}</code>],
            ]}
          />
        </>
      )}
      {shown.length > 0 && (
        <>
          <h3>{group === undefined ? "What failed" : "Its tasks"}</h3>
          <div className="dag-instances">
            {shown.slice(0, group === undefined ? MOST : shown.length).map(({ line, cell }) => (
              <button key={line.key} type="button" className="plain" onClick={() => onChoose({ run, task: line.label })}>
                <span className="cut" title={line.label}>
                  {line.label}
                </span>
                {cell.state === undefined ? <span className="muted">not in this version</span> : <State value={cell.state} />}
              </button>
            ))}
          </div>
          {group === undefined && shown.length > MOST && <p className="muted small">and {shown.length - MOST} more; the grid shows them all.</p>}
        </>
      )}
    </>
  );
}
