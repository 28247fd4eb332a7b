import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { fieldsOf, isObject } from "../../actions/params/fields";
import { ParamsForm } from "../../actions/params/ParamsForm";
import { useParamsForm } from "../../actions/params/useParams";
import { TIME_HINT } from "../../actions/times";
import { untilSeen } from "../../actions/untilSeen";
import { useSettled } from "../../actions/useSettled";
import { api, data } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Problem } from "../../api/problem";
import type { BackfillDone, DagLine, Reprocess } from "../../api/schema";
import { Command } from "../../parts/Command";
import { Field } from "../../parts/Field";
import { ProblemNote } from "../../parts/Problem";
import { bodyOf, createCommand, faultsOf, isBesideFields, NOTHING, type Body, type Draft } from "./asked";
import { Plan } from "./Plan";
import { workOf } from "./progress";

type Props = { ns: string; dag: DagLine; declared: unknown; onClose: () => void };

const REPROCESS: readonly (readonly [Reprocess, string])[] = [
  ["none", "Leave them as they are"],
  ["failed", "Run those again that failed"],
  ["completed", "Run all of them again"],
];

/** What is wanted of a backfill, with the plan that it would have. */
export function NewBackfillForm({ ns, dag, declared, onClose }: Props) {
  const navigate = useNavigate();
  const fields = useMemo(() => fieldsOf(isObject(declared) ? declared : undefined), [declared]);
  const params = useParamsForm(fields);
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const faults = faultsOf(draft);
  const isValid = params.isValid && Object.keys(faults).length === 0;
  const body = isValid ? bodyOf(draft, params.values) : undefined;
  const act = useAct<Body, BackfillDone>({
    call: async (asked) => {
      const answer = await api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/backfills", {
        params: { path: { namespace: ns, dag: dag.name } },
        body: { ...asked, dryRun: false },
      });
      const made = { namespace: ns, backfill: answer.data?.name ?? "" };
      await untilSeen(() => api.GET("/api/v1/namespaces/{namespace}/backfills/{backfill}", { params: { path: made } }));
      return answer;
    },
    done: (made) => `Backfill ${made.name} created`,
    quiet: true,
  });
  const plan = usePlan({ ns, dag: dag.name, body, held: act.isPending || act.isSuccess });
  const problem = (JSON.stringify(act.variables) === JSON.stringify(body) ? act.error : null) ?? plan.problem;
  const said = (field: keyof Draft) => faults[field] ?? problem?.about(`/${field}`);
  const isEmpty = plan.made !== undefined && workOf(plan.made.plan) === 0;

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (body !== undefined) {
          act.mutate(body, { onSuccess: (made) => void navigate(`/backfills/${made.namespace}/${made.name}`) });
        }
      }}
    >
      <div className="params">
        <Field label="From (required)" error={said("from")} hint={`The first logical date, included. ${TIME_HINT}`}>
          {(attributes) => <input {...attributes} type="text" data-first-focus placeholder="2026-01-01" value={draft.from} onChange={(event) => change({ from: event.target.value })} />}
        </Field>
        <Field label="To (required)" error={said("to")} hint="The last logical date, included. Intervals that have not ended are left out.">
          {(attributes) => <input {...attributes} type="text" placeholder="2026-01-31" value={draft.to} onChange={(event) => change({ to: event.target.value })} />}
        </Field>
        <Field label="Runs that have ended" error={said("reprocess")}>
          {(attributes) => (
            <select {...attributes} value={draft.reprocess} onChange={(event) => change({ reprocess: event.target.value as Reprocess })}>
              {REPROCESS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Order">
          {(attributes) => (
            <select {...attributes} value={String(draft.runBackwards)} onChange={(event) => change({ runBackwards: event.target.value === "true" })}>
              <option value="false">The oldest first</option>
              <option value="true">The newest first</option>
            </select>
          )}
        </Field>
        <Field label="Runs at once, at most" error={said("maxActiveRuns")}>
          {(attributes) => <input {...attributes} type="text" inputMode="numeric" value={draft.maxActiveRuns} onChange={(event) => change({ maxActiveRuns: event.target.value.trim() })} />}
        </Field>
        <Field label="Name" error={said("name")} hint="Empty = made of the Dag's name and the time.">
          {(attributes) => <input {...attributes} type="text" value={draft.name} onChange={(event) => change({ name: event.target.value })} />}
        </Field>
        <Field label="Only gaps" error={said("gaps")} hint="Only intervals in which the Dag has no run of any kind.">
          {(attributes) => <input {...attributes} type="checkbox" checked={draft.gaps} onChange={(event) => change({ gaps: event.target.checked })} />}
        </Field>
        <Field label="Wait for approval" hint="It is planned, and begins when somebody approves it.">
          {(attributes) => <input {...attributes} type="checkbox" checked={draft.approval} onChange={(event) => change({ approval: event.target.checked })} />}
        </Field>
        <Field label="Note" error={said("note")} hint="Why it is wanted.">
          {(attributes) => <textarea {...attributes} rows={2} value={draft.note} onChange={(event) => change({ note: event.target.value })} />}
        </Field>
      </div>
      {fields.length > 0 && (
        <details open={!params.isValid}>
          <summary>Params of the runs that are made</summary>
          <ParamsForm params={params} problem={problem} />
        </details>
      )}
      <ProblemNote error={body === undefined || isBesideFields(problem) ? null : problem} />
      <Plan made={plan.made} isCurrent={plan.isCurrent} isAsked={body !== undefined} hasProblem={problem !== null} />
      <Command line={createCommand(ns, dag.name, draft, params.values, fields)} />
      <div className="row backfills-buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="primary" disabled={act.isPending || !plan.isCurrent || plan.made === undefined || isEmpty}>
          {act.isPending ? "Creating…" : draft.approval ? "Create the plan" : "Create and begin"}
        </button>
      </div>
    </form>
  );
}

type Planning = { ns: string; dag: string; body: Body | undefined; held: boolean };

/** The plan that a backfill would have now; not asked for again while it is `held`. */
function usePlan({ ns, dag, body, held }: Planning) {
  const key = JSON.stringify(body ?? null);
  const settled = useSettled(body, key);
  const enabled = body !== undefined && settled !== undefined;
  const isSettled = key === JSON.stringify(settled ?? null);
  const query = useQuery<BackfillDone, Problem>({
    queryKey: ["backfills", "plan", ns, dag, settled],
    queryFn: ({ signal }) =>
      data(
        api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/backfills", {
          params: { path: { namespace: ns, dag } },
          body: { ...(settled as Body), dryRun: true },
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
