import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { api, data } from "../../api/client";
import { about, usePages, useRead } from "../../api/hooks";
import type { RunLine } from "../../api/schema";
import { readJson } from "../../actions/params/values";
import type { ParamsState } from "../../actions/params/useParams";
import { useToast } from "../../parts/Toast";

type Props = { ns: string; dag: string; params: ParamsState };

/** A button that fills in the values of the Dag's last run; `?from=RUN` does it with any run's. */
export function ReuseParams({ ns, dag, params }: Props) {
  const [search] = useSearchParams();
  const toast = useToast();
  const from = search.get("from");
  const path = { namespace: ns, dag };
  const last = usePages<RunLine>({
    key: ["trigger", "last", ns, dag],
    about: [about(["runs"], path)],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/runs", { params: { path, query: { limit: 1, cursor } }, signal }),
  });
  const wanted = useRead({
    key: ["trigger", "from", ns, from],
    about: [],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path: { namespace: ns, run: from ?? "" } }, signal }),
    enabled: from !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const filled = useRef(false);
  useEffect(() => {
    if (wanted.data !== undefined && !filled.current && params.fields.length > 0) {
      filled.current = true;
      params.fill(known(wanted.data.params, params));
    }
  }, [wanted.data, params]);
  useEffect(() => {
    if (wanted.error !== null) {
      toast.warn(wanted.error);
    }
  }, [wanted.error, toast]);

  async function fillFrom(run: string) {
    try {
      const found = await data(api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path: { namespace: ns, run } } }));
      params.fill(known(found.params, params));
      toast.tell(`The params of ${run} are filled in`);
    } catch (error) {
      toast.warn(error);
    }
  }

  const run = last.items?.[0];
  if (run === undefined || params.fields.length === 0) {
    return null;
  }
  return (
    <button type="button" onClick={() => void fillFrom(run.name)} title={`Those of ${run.name}`}>
      Reuse the last run's params
    </button>
  );
}

/** What an earlier run was given, without params that the Dag does not take any more. */
function known(text: string, params: ParamsState) {
  const names = new Set(params.fields.map((field) => field.name));
  return Object.fromEntries(Object.entries(readJson(text).values).filter(([name]) => names.has(name)));
}
