import { yaml } from "../../actions/yaml";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { TaskSpec } from "../../api/schema";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";
import { Text } from "./Text";

type Props = { ns: string; run: string; task: string; index: number | undefined };

/** What was asked of Kubernetes: the Pod, the TaskRun, and the task in the Dag. */
export function Spec({ ns, run, task, index }: Props) {
  const spec = useRead<TaskSpec>({
    key: ["spec", ns, run, task, index],
    about: [about(["tasks"], { namespace: ns, run })],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks/{task}/spec", {
        params: { path: { namespace: ns, run, task }, query: { index } },
        signal,
      }),
  });
  const { data } = spec;
  return (
    <>
      <ProblemNote error={spec.error} retry={() => void spec.refetch()} keepsData={data !== undefined} />
      {spec.isLoading && <Loading what="Working out the spec" />}
      {data !== undefined && (
        <div className="task-spec">
          {data.fault !== null && (
            <div className="problem" role="alert">
              <p className="problem-title">The Pod can't be worked out</p>
              <p>{data.fault}</p>
            </div>
          )}
          {data.pod !== null && <Text label={`Pod of try ${data.attempt}`} text={yaml(data.pod)} />}
          <Text label="TaskRun, spec" text={yaml(data.taskRun)} />
          <Text label="Task in the Dag" text={yaml(data.task)} />
          <p className="small muted">Values of secrets are never shown.</p>
        </div>
      )}
    </>
  );
}
