import { useState } from "react";
import { api } from "../../api/client";
import { useDagAndSpec } from "../../api/dag";
import { usePages } from "../../api/hooks";
import type { DagLine } from "../../api/schema";
import { useSettled } from "../../actions/useSettled";
import { useNamespace } from "../../namespace";
import { Dialog } from "../../parts/Dialog";
import { Loading } from "../../parts/Loading";
import { ProblemNote } from "../../parts/Problem";
import { NewBackfillForm } from "./NewBackfillForm";

const SHOWN = 12;

/** The form of a new backfill; `of` is the Dag as `team/etl`, or what is known of its name. */
export function NewBackfillDialog({ of, onClose }: { of: string; onClose: () => void }) {
  const [chosen, setChosen] = useState(of.includes("/") ? of : "");
  const [ns = "", dag = ""] = chosen.split("/");
  return (
    <Dialog title={dag === "" ? "New backfill: of which Dag?" : `New backfill of ${dag}`} size="large" onClose={onClose}>
      {dag === "" ? <ChooseDag name={of} onChoose={setChosen} /> : <OfDag key={chosen} ns={ns} dag={dag} onClose={onClose} />}
    </Dialog>
  );
}

function ChooseDag({ name, onChoose }: { name: string; onChoose: (chosen: string) => void }) {
  const [typed, setTyped] = useState(name);
  const namespace = useNamespace();
  const wanted = useSettled(typed, typed);
  const query = { namespace, ...(wanted !== "" && { name: wanted }), ready: true, limit: 100 };
  const dags = usePages<DagLine>({
    key: ["backfills", "dags", query],
    about: [],
    call: (cursor, signal) => api.GET("/api/v1/dags", { params: { query: { ...query, cursor } }, signal }),
  });
  const scheduled = (dags.items ?? []).filter((dag) => dag.schedule !== null);
  return (
    <>
      <input type="search" data-first-focus aria-label="Name contains" placeholder="Name contains" value={typed} maxLength={253} onChange={(event) => setTyped(event.target.value)} />
      <ProblemNote error={dags.problem} retry={dags.refetch} />
      {dags.isLoading && <Loading what="Loading the Dags" />}
      <ul className="backfills-dags" aria-label="Dags with a schedule">
        {scheduled.slice(0, SHOWN).map((dag) => (
          <li key={`${dag.namespace}/${dag.name}`}>
            <button type="button" className="plain" onClick={() => onChoose(`${dag.namespace}/${dag.name}`)}>
              <strong className="cut">{dag.name}</strong>
              <span className="muted">{dag.namespace}</span>
              <span className="muted small cut">{dag.schedule}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="muted small" role="status">
        {dags.items !== undefined && scheduled.length === 0 && "No Dag with a schedule has such a name."}
        {scheduled.length > SHOWN && "There are more: write more of the name."}
      </p>
    </>
  );
}

function OfDag({ ns, dag, onClose }: { ns: string; dag: string; onClose: () => void }) {
  const { dag: found, spec, problem, retry } = useDagAndSpec(ns, dag);
  if (problem !== null) {
    return <ProblemNote error={problem} retry={retry} />;
  }
  const revision = found.data?.revision ?? "";
  if (found.data !== undefined && (revision === "" || found.data.schedule === null)) {
    return (
      <p className="note">
        <strong>There is nothing to backfill.</strong>{" "}
        {revision === "" ? (found.data.message ?? "The Dag is not ready.") : "The Dag has no schedule, so it has no intervals. Trigger it instead."}
      </p>
    );
  }
  if (found.data === undefined || spec.data === undefined) {
    return <Loading what="Loading the Dag" />;
  }
  return <NewBackfillForm ns={ns} dag={found.data} declared={spec.data.spec["params"]} onClose={onClose} />;
}
