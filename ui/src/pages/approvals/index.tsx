import { api } from "../../api/client";
import { about, usePages } from "../../api/hooks";
import type { ApprovalLine } from "../../api/schema";
import { count, shellWord } from "../../format";
import { inNamespace, useNamespace } from "../../namespace";
import { Empty } from "../../parts/Empty";
import { FilterBar, TextFilter } from "../../parts/Filters";
import { useFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { Pager } from "../../parts/Pager";
import { ProblemNote } from "../../parts/Problem";
import { Answered } from "./Answered";
import "./approvals.css";
import { Question } from "./Question";

const SHAPE = { dag: "text", run: "text" } as const;

/** What tasks ask people: what waits first, then what was answered. */
export default function Approvals() {
  const namespace = useNamespace();
  const filters = useFilters(SHAPE);
  const pending = useApprovals({ ...filters.values, namespace }, true);
  const past = useApprovals({ ...filters.values, namespace }, false);
  return (
    <Page
      title="Approvals"
      beside={pending.items && pending.items.length > 0 ? <span className="count">{count(pending.items.length, "question")}{pending.hasMore && "+"}</span> : undefined}
      updatedAt={pending.updatedAt}
      command={`kubectl get approvals.slipway.dev ${inNamespace(namespace && shellWord(namespace))}`}
    >
      <FilterBar isActive={filters.isActive} clear={filters.clear}>
        <TextFilter label="Dag" value={filters.values.dag} onChange={(dag) => filters.set({ dag }, { replace: true })} />
        <TextFilter label="Run" value={filters.values.run} onChange={(run) => filters.set({ run }, { replace: true })} />
      </FilterBar>
      <ProblemNote error={pending.problem ?? past.problem} retry={() => { pending.refetch(); past.refetch(); }} keepsData={pending.items !== undefined} />
      {pending.isLoading && <Loading what="Loading the questions" />}
      {pending.items?.length === 0 && (
        <Empty title="Nothing waits for an answer" clear={filters.isActive ? filters.clear : undefined}>
          <p>A task with an approval asks here before its run goes on:</p>
          <pre>{`tasks:\n- name: may-we\n  approval: {message: "Publish it?", options: [publish, reject]}`}</pre>
        </Empty>
      )}
      {pending.items !== undefined && pending.items.length > 0 && (
        <section className="stack" aria-label="Waiting for an answer">
          {pending.items.map((each) => (
            <Question key={each.uid} asked={each} />
          ))}
          {pending.hasMore && <Pager pages={pending} one="question" />}
        </section>
      )}
      {past.items !== undefined && past.items.length > 0 && (
        <section className="stack" aria-label="Answered">
          <h2>Answered, or over</h2>
          <Answered approvals={past.items} />
          <Pager pages={past} one="question" />
        </section>
      )}
    </Page>
  );
}

type Query = { namespace: string | undefined; dag: string | undefined; run: string | undefined };

function useApprovals(query: Query, pending: boolean) {
  return usePages<ApprovalLine>({
    key: ["approvals", query, pending],
    about: [about(["approvals", "tasks"], { namespace: query.namespace })],
    call: (cursor, signal) => api.GET("/api/v1/approvals", { params: { query: { ...query, pending, cursor } }, signal }),
  });
}
