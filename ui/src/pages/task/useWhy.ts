import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { Why } from "../../api/schema";

/** Why a run, or a task of it, does not run. */
export function useWhy({ ns, run, task, index, enabled = true }: { ns: string; run: string; task?: string; index?: number | undefined; enabled?: boolean }) {
  const path = { namespace: ns, run };
  return useRead<Why>({
    key: ["why", ns, run, task, index],
    about: [about(["tasks", "runs"], path), about(["pools"], { namespace: ns }), about(["dags"], { namespace: ns })],
    call: (signal) =>
      task === undefined
        ? api.GET("/api/v1/namespaces/{namespace}/runs/{run}/why", { params: { path }, signal })
        : api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks/{task}/why", {
            params: { path: { ...path, task }, query: { index } },
            signal,
          }),
    enabled,
  });
}
