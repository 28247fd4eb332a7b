import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { untilSeen } from "../../actions/untilSeen";
import { useSettled } from "../../actions/useSettled";
import { api, data } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Problem } from "../../api/problem";
import type { Done } from "../../api/schema";
import type { bodyOf } from "./asked";

type Body = ReturnType<typeof bodyOf>;
type Place = { namespace: string; dag: string };

/** What the server would make of the body, and what it says is wrong with it; not asked again while it is `held`. */
export function useTrial(path: Place, body: Body, enabled: boolean, held: boolean) {
  const key = JSON.stringify(body);
  const settled = useSettled(body, key);
  const isSettled = key === JSON.stringify(settled);
  const query = useQuery<Done, Problem>({
    queryKey: ["trigger", path.namespace, path.dag, settled],
    queryFn: ({ signal }) =>
      data(
        api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/runs", {
          params: { path },
          body: { ...settled, dryRun: true },
          signal,
        }),
      ),
    meta: { about: [] },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 0,
    enabled: enabled && isSettled && !held,
  });
  const isCurrent = enabled && isSettled && !query.isFetching;
  return { made: enabled && query.error === null ? query.data : undefined, problem: enabled ? query.error : null, isCurrent };
}

/** Create the run, the server having been asked whether it may be, and go to its page. */
export function useTrigger(path: Place) {
  const navigate = useNavigate();
  const act = useAct<Body, Done>({
    call: async (body) => {
      const send = (dryRun: boolean) =>
        api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/runs", { params: { path }, body: { ...body, dryRun } });
      await send(true);
      const answer = await send(false);
      const made = { namespace: path.namespace, run: answer.data?.name ?? "" };
      await untilSeen(() => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path: made } }));
      return answer;
    },
    done: (made) => `Run ${made.name} created`,
    quiet: true,
  });
  const create = (body: Body) => act.mutate(body, { onSuccess: (made) => void navigate(`/runs/${made.namespace}/${made.name}`) });
  /** What was wrong with just this body. */
  const problemOf = (body: Body) => (JSON.stringify(act.variables) === JSON.stringify(body) ? act.error : null);
  return { isPending: act.isPending, isOver: act.isPending || act.isSuccess, create, problemOf };
}
