import { Link } from "react-router";
import { api } from "../../../api/client";
import { about, usePages, useRead } from "../../../api/hooks";
import type { TaskDetail, TaskLine } from "../../../api/schema";
import { Duration } from "../../../parts/Duration";
import { Loading } from "../../../parts/Loading";
import { Pager } from "../../../parts/Pager";
import { ProblemNote } from "../../../parts/Problem";
import { State } from "../../../parts/State";
import { Time } from "../../../parts/Time";
import { Said } from "../../../parts/Said";
import { Facts } from "./Facts";
import type { Chosen } from "./chosen";
import { Waits } from "./Waits";

type Props = { ns: string; dag: string; run: string; task: string; isMapped: boolean; index: string | undefined; onChoose: (chosen: Chosen) => void };

/** One task of one run; of a mapped one its instances first. */
export function TaskFacts(props: Props) {
  return props.isMapped && props.index === undefined ? <Instances {...props} /> : <Instance {...props} />;
}

function Instance({ ns, dag, run, task, index, isMapped, onChoose }: Props) {
  const answer = useRead<TaskDetail>({
    key: ["task", ns, run, task, index],
    about: [about(["tasks"], { namespace: ns, dag, run })],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks/{task}", {
        params: { path: { namespace: ns, run, task }, query: index === undefined ? {} : { index: Number(index) } },
        signal,
      }),
  });
  const found = answer.data;
  if (answer.error?.status === 404 && found === undefined) {
    return (
      <div className="stack">
        <State value={null} />
        <p>
          Nothing is kept of it yet: it has not begun.{" "}
          <Link to={`/runs/${ns}/${run}/tasks/${task}?tab=why`}>Why is it not running?</Link>
        </p>
      </div>
    );
  }
  return (
    <>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} keepsData={found !== undefined} />
      {answer.isLoading && <Loading />}
      {isMapped && (
        <button type="button" className="plain" onClick={() => onChoose({ run, task })}>
          ← All instances
        </button>
      )}
      {found !== undefined && (
        <>
          <Waits waits={found.waitingFor} />
          <Facts
            facts={[
              ["State", <State key="state" value={found.state} />],
              ["Try", found.attempt === 0 ? "none yet" : found.attempt],
              ["Started", found.startedAt && <Time key="start" at={found.startedAt} />],
              ["Took", found.startedAt && <Duration key="took" from={found.startedAt} to={found.finishedAt} />],
              ["Retry at", found.retryAt && found.state === "UpForRetry" && <Time key="retry" at={found.retryAt} />],
              ["Reason", found.reason],
              ["Message", found.message !== null && <Said key="message" text={found.message} />],
              ["Exit code", found.exitCode],
              ["Pod", found.pod && <code key="pod">{found.pod}</code>],
              ["Node", found.node],
              ["Pool", found.pool && `${found.pool}${(found.poolSlots ?? 1) === 1 ? "" : `, ${found.poolSlots} slots`}`],
            ]}
          />
          {found.attempts.length > 1 && <Attempts task={found} />}
          <Link to={`/runs/${ns}/${run}`}>The whole run</Link>
        </>
      )}
    </>
  );
}

function Attempts({ task }: { task: TaskDetail }) {
  return (
    <div className="stack">
      <h3>Attempts</h3>
      <ul className="dag-list">
        {task.attempts.map((attempt) => (
          <li key={attempt.number} className="row">
            <span>{attempt.number}</span>
            <State value={attempt.state} />
            <Duration from={attempt.startedAt} to={attempt.finishedAt} />
            <span className="muted">{attempt.reason}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Instances({ ns, dag, run, task, onChoose }: Props) {
  const pages = usePages<TaskLine>({
    key: ["tasks", ns, run, task],
    about: [about(["tasks"], { namespace: ns, dag, run })],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks", {
        params: { path: { namespace: ns, run }, query: { task, limit: 100, ...(cursor !== undefined && { cursor }) } },
        signal,
      }),
  });
  return (
    <>
      <h3>Instances</h3>
      <ProblemNote error={pages.problem} retry={pages.refetch} keepsData={pages.items !== undefined} />
      {pages.isLoading && <Loading />}
      {pages.items?.length === 0 && <p className="muted">There are none yet: the list that they are made from is not there.</p>}
      <div className="dag-instances">
        {pages.items?.map((each) => (
          <button key={each.index} type="button" className="plain" onClick={() => onChoose({ run, task, ...(each.index !== null && { index: String(each.index) }) })}>
            <span>
              [{each.index}] <State value={each.state} />
            </span>
            <span>
              {each.attempt > 1 && <span className="muted small">try {each.attempt} </span>}
              <Duration from={each.startedAt} to={each.finishedAt} />
            </span>
          </button>
        ))}
      </div>
      {(pages.hasMore || (pages.items?.length ?? 0) > 10) && <Pager pages={pages} one="instance" />}
    </>
  );
}
