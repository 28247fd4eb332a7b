import { Link, useParams } from "react-router";
import { useDagAndSpec } from "../../api/dag";
import type { DagLine } from "../../api/schema";
import { isObject } from "../../actions/params/fields";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { State } from "../../parts/State";
import { TriggerForm } from "./TriggerForm";
import "./trigger.css";

/** Ask for a run of one Dag. */
export default function TriggerPage() {
  const { ns = "", dag = "" } = useParams();
  const { dag: found, spec, problem, retry } = useDagAndSpec(ns, dag);
  const params = spec.data?.spec["params"];
  const refusal = found.data === undefined ? undefined : refusalOf(found.data);

  return (
    <Page
      title={`Trigger ${dag}`}
      crumbs={[
        { label: "Dags", to: "/dags" },
        { label: dag, to: `/dags/${ns}/${dag}/grid` },
      ]}
      beside={found.data?.paused === true ? <State value="Paused" badge /> : undefined}
      updatedAt={found.dataUpdatedAt}
    >
      <ProblemNote error={problem} retry={retry} />
      {(found.isLoading || (spec.isLoading && refusal === undefined)) && <Loading what="Loading the Dag" />}
      {refusal !== undefined && <Refused ns={ns} dag={dag} why={refusal} />}
      {found.data?.paused === true && refusal === undefined && (
        <p className="note">
          <strong>The Dag is paused.</strong> The run is created and waits: its tasks start when the Dag is unpaused.
        </p>
      )}
      {found.data !== undefined && refusal === undefined && spec.data !== undefined && (
        <TriggerForm key={`${ns}/${dag}`} ns={ns} dag={found.data} params={isObject(params) ? params : undefined} />
      )}
    </Page>
  );
}

/** Why no run can be created; undefined = one can. */
function refusalOf(dag: DagLine): string | undefined {
  if (dag.deletedAt !== null) {
    return "The Dag was deleted; only its history is left.";
  }
  if (dag.ready === false) {
    return `The Dag is not ready: ${dag.message ?? dag.reason ?? "the controller does not say why"}`;
  }
  return dag.revision === null ? "The controller has not looked at the Dag yet; that takes a moment." : undefined;
}

function Refused({ ns, dag, why }: { ns: string; dag: string; why: string }) {
  return (
    <div className="problem" role="alert">
      <p className="problem-title">It can't be triggered</p>
      <p>{why}</p>
      <div className="row">
        <button type="button" className="primary" disabled>
          Trigger
        </button>
        <Link to={`/dags/${ns}/${dag}/details`}>Look at the Dag</Link>
      </div>
    </div>
  );
}
