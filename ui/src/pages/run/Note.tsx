import { useState } from "react";
import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Done, RunDetail } from "../../api/schema";
import { Confirm } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { ProblemNote } from "../../parts/Problem";
import { Said } from "../../parts/Said";

const LONGEST = 1000;

/** What somebody said about the run, and a way to say it. */
export function Note({ run }: { run: RunDetail }) {
  const [editing, setEditing] = useState(false);
  return (
    <div className="run-note">
      {run.note === null || run.note === "" ? <span className="muted">No note.</span> : <p><Said text={run.note} /></p>}
      <button type="button" className="plain" disabled={run.deletedAt !== null} onClick={() => setEditing(true)}>
        {run.note ? "Edit the note" : "Add a note"}
      </button>
      {editing && <NoteDialog run={run} onClose={() => setEditing(false)} />}
    </div>
  );
}

function NoteDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const [note, setNote] = useState(run.note ?? "");
  // The note that was read must not overwrite one that somebody else has written since.
  const [before] = useState(run.note);
  const act = useAct<string, Done>({
    call: (text) =>
      api.POST("/api/v1/namespaces/{namespace}/runs/{run}/note", {
        params: { path: { namespace: run.namespace, run: run.name } },
        body: { note: text.trim() === "" ? null : text },
      }),
    done: () => `The note of ${run.name} was saved`,
    quiet: true,
  });
  return (
    <Confirm
      title={`Note of ${run.name}`}
      verb="Save"
      onConfirm={() => act.mutate(note, { onSuccess: onClose })}
      onClose={onClose}
      busy={act.isPending}
      disabled={note === (before ?? "")}
    >
      {run.note !== before && (
        <p className="task-gone" role="alert">
          Somebody has changed the note meanwhile: “<Said text={run.note ?? "none"} />”. Saving writes over it.
        </p>
      )}
      <Field label="Note" hint={`${note.length} of ${LONGEST} characters; empty takes it away.`} error={act.error?.about("/note")}>
        {(attributes) => (
          <textarea {...attributes} rows={5} maxLength={LONGEST} data-first-focus value={note} onChange={(event) => setNote(event.target.value)} />
        )}
      </Field>
      <ProblemNote error={act.error} />
    </Confirm>
  );
}
