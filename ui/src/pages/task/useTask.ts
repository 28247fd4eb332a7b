import { useMemo } from "react";
import { api } from "../../api/client";
import { about, usePages, useRead } from "../../api/hooks";
import type { RunDetail, TaskDetail, TaskLine } from "../../api/schema";
import type { Place } from "./place";

const MOST = 500;

/** The instances of the task, the one that is looked at, and its run. */
export function useTask({ ns, run, task, index }: Place) {
  const path = { namespace: ns, run };
  const place = about(["tasks", "runs"], path);
  const instances = usePages<TaskLine>({
    key: ["task", "instances", ns, run, task],
    about: [place],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks", {
        params: { path, query: { task, limit: MOST, cursor } },
        signal,
      }),
  });
  const known = instances.items;
  const isMapped = known !== undefined && known.some((each) => each.index !== null);
  const shown = useMemo(() => index ?? (isMapped ? worst(known ?? []) : undefined), [index, isMapped, known]);
  const detail = useRead<TaskDetail>({
    key: ["task", ns, run, task, shown],
    about: [place],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/runs/{run}/tasks/{task}", {
        params: { path: { ...path, task }, query: { index: shown } },
        signal,
      }),
    enabled: known !== undefined && known.length > 0,
  });
  const runDetail = useRead<RunDetail>({
    key: ["run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
  });
  return { instances, isMapped, index: shown, detail, run: runDetail };
}

const WORST = ["Failed", "UpForRetry", "Running", "Queued"];

/** The instance that is looked at first: one that failed, else one at work, else the first. */
export function worst(instances: readonly TaskLine[]): number | undefined {
  const found = WORST.map((state) => instances.find((each) => each.state === state)).find((each) => each !== undefined);
  return (found ?? instances[0])?.index ?? undefined;
}
