/** A Dag as it is now, with the spec that a new run would have. */
import type { UseQueryResult } from "@tanstack/react-query";
import { api } from "./client";
import { about, useRead } from "./hooks";
import type { Problem } from "./problem";
import type { DagLine, RevisionDetail } from "./schema";

export type DagAndSpec = {
  dag: UseQueryResult<DagLine, Problem>;
  /** Not asked for while the Dag has no valid revision. */
  spec: UseQueryResult<RevisionDetail, Problem>;
  problem: Problem | null;
  /** Ask again for what failed. */
  retry: () => void;
};

export function useDagAndSpec(ns: string, name: string): DagAndSpec {
  const dag = useDag(ns, name);
  const spec = useRevision(ns, name, dag.data?.revision ?? null);
  return {
    dag,
    spec,
    problem: dag.error ?? spec.error,
    retry: () => void (dag.error === null ? spec.refetch() : dag.refetch()),
  };
}

/** The Dag's line, without its last runs. */
export function useDag(ns: string, name: string, enabled = true): UseQueryResult<DagLine, Problem> {
  const path = { namespace: ns, dag: name };
  return useRead<DagLine>({
    key: ["dag", "alone", ns, name],
    about: [about(["dags"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/dags/{dag}", { params: { path, query: { runs: 0 } }, signal }),
    enabled,
  });
}

/** One revision of a Dag, which never changes; null = there is none to be asked for. */
export function useRevision(ns: string, dag: string, revision: string | null): UseQueryResult<RevisionDetail, Problem> {
  return useRead<RevisionDetail>({
    key: ["revision", ns, dag, revision],
    about: [],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/revisions/{revision}", {
        params: { path: { namespace: ns, dag, revision: revision ?? "" } },
        signal,
      }),
    enabled: revision !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
