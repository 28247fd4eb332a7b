import type { TaskDetail } from "../../api/schema";
import { Empty } from "../../parts/Empty";
import { Text } from "./Text";

/** What the task gave to those behind it. */
export function Outputs({ task }: { task: TaskDetail }) {
  if (task.output === null || task.output === undefined) {
    return (
      <Empty title="No output">
        <p>
          {task.finishedAt === null ? "The task has not ended yet." : "The task wrote none."} A task gives an output by writing JSON to the
          file that <code>$SLIPWAY_OUTPUT</code> names.
        </p>
      </Empty>
    );
  }
  const text = typeof task.output === "string" ? task.output : JSON.stringify(task.output, null, 2);
  return <Text label="Output" text={text} />;
}
