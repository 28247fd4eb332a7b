import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { DagLine, Done } from "../../api/schema";

/** Whether the Dag makes runs; a click turns it. */
export function PauseSwitch({ dag }: { dag: DagLine }) {
  const pause = useAct<boolean, Done>({
    call: (paused) =>
      api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/pause", {
        params: { path: { namespace: dag.namespace, dag: dag.name } },
        body: { paused },
      }),
    done: (_, paused) => `${dag.name} is ${paused ? "paused" : "on"}`,
  });
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={!dag.paused}
      aria-label={`${dag.name} makes runs`}
      title={dag.paused ? "Paused: no runs are made, no tasks started. Click to go on" : "Click to pause"}
      disabled={pause.isPending}
      onClick={() => pause.mutate(!dag.paused)}
    />
  );
}
