import { useState } from "react";
import { alongWords } from "../../actions/along";
import { api } from "../../api/client";
import { useAct, useRead } from "../../api/hooks";
import type { DagLine, Done } from "../../api/schema";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";

const ADDRESS = "/api/v1/namespaces/{namespace}/dags/{dag}";

/** Delete a Dag's object, once its name was typed: its runs go with it. */
export function DeleteDagDialog({ dag, onClose }: { dag: DagLine; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const path = { namespace: dag.namespace, dag: dag.name };
  const preview = useRead<Done>({
    key: ["delete", "dag", dag.namespace, dag.name],
    about: [],
    call: (signal) => api.DELETE(ADDRESS, { params: { path, query: { dryRun: true } }, signal }),
  });
  const act = useAct<void, Done>({
    call: () => api.DELETE(ADDRESS, { params: { path } }),
    done: () => `${dag.name} deleted; its history stays`,
    quiet: true,
  });
  const along = alongWords(preview.data?.along);
  return (
    <Confirm
      title={`Delete ${dag.name}`}
      verb="Delete the Dag"
      danger
      onConfirm={() => act.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      busy={act.isPending}
      disabled={preview.data === undefined || typed !== dag.name}
    >
      <ProblemNote error={preview.error ?? act.error} />
      {preview.isLoading && <Loading what="Asking what would go" />}
      {preview.data !== undefined && (
        <>
          <p>
            The Dag goes with its revisions{along === "" ? "" : <>, and with it <strong>{along}</strong></>}. What is at work is ended. What is
            kept of all this in the database stays to be read.
          </p>
          {dag.activeRuns > 0 && <p className="note">{dag.activeRuns.toLocaleString("en")} of its runs are active.</p>}
          <p className="muted small">Where the Dag comes from a folder or a Git checkout, take it away there too: else it is applied again.</p>
          <Field label={`Type ${dag.name} to delete it`}>
            {(attributes) => (
              <input {...attributes} type="text" autoComplete="off" spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
          <Command line={preview.data.command} />
        </>
      )}
    </Confirm>
  );
}
