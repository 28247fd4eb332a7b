import { alongWords } from "../../actions/along";
import { api } from "../../api/client";
import { useAct, useRead } from "../../api/hooks";
import type { Done, RunDetail } from "../../api/schema";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { ProblemNote } from "../../parts/Problem";

const ADDRESS = "/api/v1/namespaces/{namespace}/runs/{run}";

/** Delete a run's object; its history stays. */
export function DeleteDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const path = { namespace: run.namespace, run: run.name };
  const preview = useRead<Done>({
    key: ["delete", run.uid],
    about: [],
    call: (signal) => api.DELETE(ADDRESS, { params: { path, query: { dryRun: true } }, signal }),
  });
  const act = useAct<void, Done>({
    call: () => api.DELETE(ADDRESS, { params: { path } }),
    done: () => `${run.name} deleted; its history stays`,
    quiet: true,
  });
  const along = alongWords(preview.data?.along);
  const isOver = run.state === "Success" || run.state === "Failed";
  return (
    <Confirm
      title={`Delete ${run.name}`}
      verb="Delete"
      danger
      onConfirm={() => act.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      busy={act.isPending}
      disabled={preview.data === undefined}
    >
      <p>
        The DagRun goes{along === "" ? "" : `, and with it ${along}`}. What is kept of it in the database stays to be read.
        {!isOver && " It is still at work: its Pods are ended."}
      </p>
      <ProblemNote error={preview.error ?? act.error} />
      {preview.data !== undefined && <Command line={preview.data.command} />}
    </Confirm>
  );
}
