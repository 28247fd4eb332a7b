import { useMemo, useState } from "react";
import { Link } from "react-router";
import { fieldsOf } from "../../actions/params/fields";
import { ParamsForm } from "../../actions/params/ParamsForm";
import { useParamsForm } from "../../actions/params/useParams";
import { TIME_HINT } from "../../actions/times";
import type { DagLine } from "../../api/schema";
import { Field } from "../../parts/Field";
import { ProblemNote } from "../../parts/Problem";
import { aboutFaults, aboutProblem, bodyOf, isBesideFields, manifestOf, triggerCommand, type About } from "./asked";
import { Preview } from "./Preview";
import { ReuseParams } from "./ReuseParams";
import { useTrial, useTrigger } from "./useTrigger";

type Props = {
  ns: string;
  dag: DagLine;
  /** `spec.params` of the revision that the run would have. */
  params: { [name: string]: unknown } | undefined;
};

const NOTHING: About = { name: "", logicalDate: "", note: "" };

/** The form that asks for a run, with what would come of it. */
export function TriggerForm({ ns, dag, params: declared }: Props) {
  const path = { namespace: ns, dag: dag.name };
  const fields = useMemo(() => fieldsOf(declared), [declared]);
  const params = useParamsForm(fields);
  const [about, setAbout] = useState(NOTHING);
  const [tried, setTried] = useState(false);
  const faults = aboutFaults(about);
  const isValid = params.isValid && Object.keys(faults).length === 0;
  const body = bodyOf(about, params.values);
  const trigger = useTrigger(path);
  const trial = useTrial(path, body, isValid, trigger.isOver);
  const said = trigger.problemOf(body) ?? trial.problem;
  const isBeside = isBesideFields(said, about);
  const change = (changed: Partial<About>) => setAbout((before) => ({ ...before, ...changed }));

  function submit() {
    setTried(true);
    if (isValid) {
      trigger.create(body);
    }
  }

  return (
    <form
      className="trigger"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="stack trigger-fields">
        <ParamsForm params={params} problem={said} beside={<ReuseParams ns={ns} dag={dag.name} params={params} />} />
        <h2>The run</h2>
        <div className="params">
          <Field label="Name" error={faults.name ?? aboutProblem(said, "name", about)} hint="Empty = made of the Dag's name and the time.">
            {(attributes) => <input {...attributes} type="text" value={about.name} onChange={(event) => change({ name: event.target.value })} />}
          </Field>
          <Field label="Logical date" error={faults.logicalDate ?? aboutProblem(said, "logicalDate", about)} hint={`The time that the run is about. Empty = none. ${TIME_HINT}`}>
            {(attributes) => (
              <input {...attributes} type="text" placeholder="2026-01-31 06:00" value={about.logicalDate} onChange={(event) => change({ logicalDate: event.target.value })} />
            )}
          </Field>
          <Field label="Note" error={faults.note ?? aboutProblem(said, "note", about)} hint="Why the run is wanted; it stands on its page.">
            {(attributes) => <textarea {...attributes} rows={2} value={about.note} onChange={(event) => change({ note: event.target.value })} />}
          </Field>
        </div>
        {!isBeside && <ProblemNote error={said} />}
        {((tried && !isValid) || isBeside) && (
          <p className="field-error" role="alert">
            Something above is not right yet: it is said beside each field.
          </p>
        )}
        <div className="row">
          <button type="submit" className="primary" disabled={trigger.isPending}>
            {trigger.isPending ? "Creating the run…" : "Trigger"}
          </button>
          <Link className="button" to={`/dags/${ns}/${dag.name}/grid`}>
            Cancel
          </Link>
          {trial.made !== undefined && trial.isCurrent && <span className="muted small">Checked by the server: nothing is wrong with it.</span>}
        </div>
      </div>
      <Preview
        manifest={trial.made && manifestOf(trial.made.body, about.name, dag.name)}
        command={triggerCommand(ns, dag.name, about, params.values, fields)}
        isCurrent={trial.isCurrent}
      />
    </form>
  );
}
