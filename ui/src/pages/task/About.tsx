import type { TaskDetail } from "../../api/schema";
import { Duration } from "../../parts/Duration";
import { State } from "../../parts/State";
import { Time } from "../../parts/Time";
import { Said } from "../../parts/Said";
import { Fact, Facts } from "./Facts";

/** How the task stands, in a few facts. */
export function About({ task, runGone }: { task: TaskDetail; runGone: string | null }) {
  return (
    <>
      {(task.deletedAt ?? runGone) !== null && (
        <p className="task-gone">
          {runGone === null ? "Its TaskRun" : "The run"} was deleted at <Time at={task.deletedAt ?? runGone} />. What is kept of it stays to be
          read; nothing can be done to it any more.
        </p>
      )}
      <Facts>
        <Fact name="Try">{task.attempt === 0 ? null : task.attempt}</Fact>
        <Fact name="Started">{task.startedAt !== null && <Time at={task.startedAt} />}</Fact>
        <Fact name="Ended">{task.finishedAt !== null && <Time at={task.finishedAt} />}</Fact>
        <Fact name="Duration">{task.startedAt !== null && <Duration from={task.startedAt} to={task.finishedAt} />}</Fact>
        <Fact name="Next try">{task.retryAt !== null && task.state === "UpForRetry" && <Time at={task.retryAt} />}</Fact>
        <Fact name="Exit code">{task.exitCode}</Fact>
        <Fact name="Node">{task.node}</Fact>
        <Fact name="Pool">{task.pool !== null && `${task.pool}${task.poolSlots === null || task.poolSlots === 1 ? "" : `, ${task.poolSlots} slots`}`}</Fact>
        <Fact name="Priority">{task.priority}</Fact>
        <Fact name="Reason">{task.reason}</Fact>
      </Facts>
      {task.message !== null && <p className="task-message muted"><Said text={task.message} /></p>}
      {task.waitingFor.length > 0 && (
        <p className="task-message">
          <State value="Queued" word="Waits:" /> <Said text={task.waitingFor.map((wait) => wait.message).join(" · ")} />
        </p>
      )}
    </>
  );
}
