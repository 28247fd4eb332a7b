import { Link } from "react-router";
import { api } from "../api/client";
import { useDag } from "../api/dag";
import { about, useRead } from "../api/hooks";
import type { RunDetail } from "../api/schema";

/** That a run which begins anew does so by its own version of the Dag, where there is a newer one. */
export function Pinned({ ns, run }: { ns: string; run: string }) {
  const path = { namespace: ns, run };
  const found = useRead<RunDetail>({
    key: ["actions", "run", ns, run],
    about: [about(["runs"], path)],
    call: (signal) => api.GET("/api/v1/namespaces/{namespace}/runs/{run}", { params: { path }, signal }),
  });
  const dag = found.data?.dag ?? "";
  const newest = useDag(ns, dag, dag !== "");
  const [has, could] = [found.data?.revision ?? null, newest.data?.revision ?? null];
  if (has === null || could === null || has === could) {
    return null;
  }
  return (
    <p className="note" role="status">
      <strong>The Dag has changed since this run began.</strong> A run stays with its version, <code>{has}</code>, also when it begins anew.
      To run the newest, <code>{could}</code>,{" "}
      <Link to={`/dags/${ns}/${dag}/trigger?from=${encodeURIComponent(run)}`}>trigger a new run</Link>.{" "}
      <Link to={`/dags/${ns}/${dag}/revisions?revision=${encodeURIComponent(has)}`}>What has changed</Link>
    </p>
  );
}
