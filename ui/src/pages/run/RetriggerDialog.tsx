import { useNavigate } from "react-router";
import { yaml } from "../../actions/yaml";
import { api } from "../../api/client";
import { useAct, useRead } from "../../api/hooks";
import type { Done, RunDetail } from "../../api/schema";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";
import { paramsOf } from "./params";

const ADDRESS = "/api/v1/namespaces/{namespace}/dags/{dag}/runs";

/** A new run of the Dag as it is now, with this run's params. */
export function RetriggerDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const navigate = useNavigate();
  const path = { namespace: run.namespace, dag: run.dag };
  const body = { params: paramsOf(run.params), note: `As ${run.name}`.slice(0, 1000) };
  const preview = useRead<Done>({
    key: ["retrigger", run.uid],
    about: [],
    call: (signal) => api.POST(ADDRESS, { params: { path }, body: { ...body, dryRun: true }, signal }),
  });
  const act = useAct<void, Done>({
    call: () => api.POST(ADDRESS, { params: { path }, body }),
    done: (made) => `Run ${made.name} was created`,
    quiet: true,
  });
  return (
    <Confirm
      title={`Trigger ${run.dag} again`}
      verb="Trigger"
      onConfirm={() =>
        act.mutate(undefined, {
          onSuccess: (made) => {
            onClose();
            void navigate(`/runs/${made.namespace}/${encodeURIComponent(made.name)}`);
          },
        })
      }
      onClose={onClose}
      busy={act.isPending}
      disabled={preview.data === undefined}
    >
      <p>A new run of the Dag as it is now, with the params of {run.name}.</p>
      <ProblemNote error={preview.error ?? act.error} />
      {preview.isLoading && <Loading what="Asking the API server" />}
      {preview.data !== undefined && (
        <>
          {/* A region that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className="run-manifest" tabIndex={0} role="region" aria-label="The DagRun">
            {yaml(preview.data.body)}
          </pre>
          <Command line={preview.data.command} />
        </>
      )}
    </Confirm>
  );
}
