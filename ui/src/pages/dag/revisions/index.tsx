import { useEffect, useMemo } from "react";
import { Link } from "react-router";
import { api } from "../../../api/client";
import { about, usePages, useRead } from "../../../api/hooks";
import type { Difference, RevisionDetail, RevisionLine, RunLine } from "../../../api/schema";
import { yaml } from "../../../actions/yaml";
import { count } from "../../../format";
import { Empty } from "../../../parts/Empty";
import { useFilters } from "../../../parts/useFilters";
import { Loading } from "../../../parts/Loading";
import { Pager, type PagerProps } from "../../../parts/Pager";
import { ProblemNote } from "../../../parts/Problem";
import { Time } from "../../../parts/Time";
import { Said } from "../../../parts/Said";
import type { ViewProps } from "../view";
import { Source } from "../details/Source";
import { diffLines } from "./lines";
import "./revisions.css";

/** `revision`: the one that is looked at; `with`: what it is compared with, absent = the one before it. */
const SHAPE = { revision: "text", with: "text", show: "text" } as const;
const NEVER = Number.POSITIVE_INFINITY;

/** What the Dag was before: each version of its spec, and what changed between two. */
export default function Revisions({ ns, dag, onFresh }: ViewProps) {
  const { values, set } = useFilters(SHAPE);
  const pages = usePages<RevisionLine>({
    key: ["revisions", ns, dag.name],
    about: [about(["dags"], { namespace: ns, dag: dag.name })],
    call: (cursor, signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/revisions", {
        params: { path: { namespace: ns, dag: dag.name }, query: cursor === undefined ? {} : { cursor } },
        signal,
      }),
  });
  useEffect(() => onFresh(pages.updatedAt), [onFresh, pages.updatedAt]);
  const green = useRead<{ items: RunLine[] }>({
    key: ["green", ns, dag.name],
    about: [about(["runs"], { namespace: ns, dag: dag.name })],
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/runs", {
        params: { path: { namespace: ns, dag: dag.name }, query: { state: ["Success"], limit: 1 } },
        signal,
      }),
  });
  const items = pages.items ?? [];
  const chosen = values.revision ?? dag.revision ?? items[0]?.name;
  const place = items.findIndex((each) => each.name === chosen);
  const before = values.with ?? items[place + 1]?.name;
  const lastGreen = green.data?.items[0]?.revision ?? undefined;
  if (pages.items?.length === 0) {
    return <Empty title="No versions">No version of this Dag has been valid so far; each valid one is kept here.</Empty>;
  }
  return (
    <>
      <ProblemNote error={pages.problem} retry={pages.refetch} keepsData={pages.items !== undefined} />
      {pages.isLoading && <Loading what="Loading the versions" />}
      {items.length > 0 && (
        <div className="revisions">
          <List items={items} pages={pages} chosen={chosen} current={dag.revision} green={lastGreen} />
          {chosen !== undefined && (
            <section className="stack dag-main" aria-label={`Version ${chosen}`}>
              <div className="row">
                <h2 className="mono cut" title={chosen}>
                  {chosen}
                </h2>
                <span className="row revisions-tools">
                  <button type="button" aria-pressed={values.show !== "source"} onClick={() => set({ show: undefined })}>
                    Changes
                  </button>
                  <button type="button" aria-pressed={values.show === "source"} onClick={() => set({ show: "source" })}>
                    Source
                  </button>
                  {values.show !== "source" && (
                    <select className="filter-choice" aria-label="Compare with" value={before ?? ""} onChange={(event) => set({ with: event.target.value })}>
                      {before === undefined && <option value="">nothing older</option>}
                      {before !== undefined && !items.some((each) => each.name === before) && <option value={before}>{before}</option>}
                      {items
                        .filter((each) => each.name !== chosen)
                        .map((each) => (
                          <option key={each.name} value={each.name}>
                            since {each.name}
                            {each.name === lastGreen ? " (last green run)" : ""}
                          </option>
                        ))}
                    </select>
                  )}
                </span>
              </div>
              {values.show === "source" ? (
                <SourceOf ns={ns} dag={dag.name} revision={chosen} />
              ) : before === undefined || before === chosen ? (
                <Empty title="Nothing to compare with">This is the oldest version that is kept. Its source shows the whole of it.</Empty>
              ) : (
                <Changes ns={ns} dag={dag.name} revision={chosen} before={before} />
              )}
            </section>
          )}
        </div>
      )}
    </>
  );
}

type ListProps = { items: readonly RevisionLine[]; pages: PagerProps["pages"]; chosen: string | undefined; current: string | null; green: string | undefined };

function List({ items, pages, chosen, current, green }: ListProps) {
  return (
    <nav className="revisions-list" aria-label="Versions, newest first">
      <ul>
        {items.map((each) => (
          <li key={each.name}>
            <Link to={`?revision=${encodeURIComponent(each.name)}`} aria-current={each.name === chosen ? "true" : undefined}>
              <span className="mono cut" title={each.name}>
                {each.name}
              </span>
              <span className="small muted">
                <Time at={each.createdAt} />
              </span>
              <span className="row">
                {each.name === current && <span className="tag">new runs take it</span>}
                {each.name === green && <span className="tag">last green run</span>}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Pager pages={pages} one="version" />
    </nav>
  );
}

type Of = { ns: string; dag: string; revision: string };

function SourceOf({ ns, dag, revision }: Of) {
  const answer = useRead<RevisionDetail>({
    key: ["revision", ns, dag, revision],
    about: [],
    staleTime: NEVER,
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/revisions/{revision}", { params: { path: { namespace: ns, dag, revision } }, signal }),
  });
  return (
    <>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} />
      {answer.isLoading && <Loading />}
      {answer.data !== undefined && <Source name={revision} text={yaml(answer.data.spec)} />}
    </>
  );
}

function Changes({ ns, dag, revision, before }: Of & { before: string }) {
  const answer = useRead<Difference>({
    key: ["difference", ns, dag, revision, before],
    about: [],
    staleTime: NEVER,
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/revisions/{revision}/diff/{before}", {
        params: { path: { namespace: ns, dag, revision, before } },
        signal,
      }),
  });
  const lines = useMemo(() => diffLines(answer.data?.lines ?? []), [answer.data]);
  const added = lines.filter((line) => line.mark === "+").length;
  const removed = lines.filter((line) => line.mark === "−").length;
  return (
    <>
      <ProblemNote error={answer.error} retry={() => void answer.refetch()} />
      {answer.isLoading && <Loading />}
      {answer.data !== undefined && (
        <p role="status">
          {lines.length === 0 ? "The two versions are equal." : `${count(added, "line")} added, ${count(removed, "line")} removed since ${before}`}
        </p>
      )}
      {lines.length > 0 && (
        // A region that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="diff" role="region" aria-label="Changed lines" tabIndex={0}>
          {lines.map((line) => (
            <div key={line.key} className="diff-line" data-family={line.family} data-mark={line.mark}>
              <span className="diff-mark" aria-hidden="true">
                {line.mark === "@" ? "" : line.mark}
              </span>
              {line.word !== "" && <span className="hidden-visually">{line.word}: </span>}
              <code>{line.mark === "@" ? "⋯" : <Said text={line.text} />}</code>
              {line.family !== undefined && (
                <span className="diff-word small" aria-hidden="true">
                  {line.word}
                </span>
              )}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
