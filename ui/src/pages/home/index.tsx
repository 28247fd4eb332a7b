import { Link, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { about, useRead } from "../../api/hooks";
import type { Home } from "../../api/schema";
import { inNamespace, useNamespace } from "../../namespace";
import { writeFilters } from "../../parts/useFilters";
import { Loading } from "../../parts/Loading";
import { Page } from "../../parts/Page";
import { ProblemNote } from "../../parts/Problem";
import { Counts } from "./Counts";
import { HealthCard } from "./HealthCard";
import { FailedRuns, NotReady, PoolBars } from "./lists";
import "./home.css";

const WINDOWS = [1, 6, 24, 72, 168];

/** How things stand: counts, the last failures, Dags that can't run, full pools, open questions. */
export default function HomePage() {
  const namespace = useNamespace();
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get("hours") ?? 24);
  const hours = Number.isInteger(asked) && asked >= 1 && asked <= 168 ? asked : 24;
  const home = useRead<Home>({
    key: ["home", namespace, hours],
    about: [about(["dags", "runs", "pools", "approvals"], { namespace })],
    call: (signal) => api.GET("/api/v1/home", { params: { query: { namespace, hours } }, signal }),
  });
  const windows = WINDOWS.includes(hours) ? WINDOWS : [...WINDOWS, hours].toSorted((a, b) => a - b);

  return (
    <Page
      title="Home"
      updatedAt={home.dataUpdatedAt}
      command={`kubectl get slipway ${inNamespace(namespace)}`}
      actions={
        <select
          aria-label="Window"
          value={hours}
          onChange={(event) => setSearch((before) => writeFilters(before, { hours: event.target.value }))}
        >
          {windows.map((each) => (
            <option key={each} value={each}>
              {each < 72 ? `Last ${each} h` : `Last ${each / 24} days`}
            </option>
          ))}
        </select>
      }
    >
      <ProblemNote error={home.error} retry={() => void home.refetch()} keepsData={home.data !== undefined} />
      {home.isLoading && <Loading what="Loading how things stand" />}
      {home.data && <Parts home={home.data} namespace={namespace} />}
    </Page>
  );
}

function Parts({ home, namespace }: { home: Home; namespace: string | undefined }) {
  const open = home.pendingApprovals;
  const within = namespace === undefined ? "" : `&namespace=${namespace}`;
  return (
    <div className="home">
      <HealthCard />
      <section className="card stack">
        <h2>Runs</h2>
        {home.counts === null ? (
          <NotAllowed need="get dagruns" />
        ) : (
          <Counts counts={home.counts.runs} one="run" to={(state) => `/runs?state=${state}${within}`} />
        )}
      </section>
      <section className="card stack">
        <h2>Approvals</h2>
        {open === null ? (
          <NotAllowed need="get approvals" />
        ) : (
          <p>
            <Link to={`/approvals?pending=true${within}`} className="home-number">
              {open.toLocaleString("en")}
            </Link>{" "}
            {open === 1 ? "question waits" : "questions wait"} for an answer
          </p>
        )}
      </section>
      <section className="card stack home-wide">
        <h2>Tasks of these runs</h2>
        {home.counts === null ? <NotAllowed need="get dagruns" /> : <Counts counts={home.counts.tasks} one="task" />}
      </section>
      <section className="card stack home-most">
        <h2>Failed last</h2>
        {home.failedRuns === null ? <NotAllowed need="get dagruns" /> : <FailedRuns runs={home.failedRuns} />}
      </section>
      <div className="stack">
        <section className="card stack">
          <h2>Dags not ready</h2>
          {home.dagsNotReady === null ? <NotAllowed need="get dags" /> : <NotReady dags={home.dagsNotReady} />}
        </section>
        <section className="card stack">
          <h2>Pools, the fullest first</h2>
          {home.pools === null ? <NotAllowed need="get pools" /> : <PoolBars pools={home.pools} />}
        </section>
      </div>
    </div>
  );
}

function NotAllowed({ need }: { need: string }) {
  return (
    <p className="muted">
      You may not see this: it needs the right to <code>{need}</code>.
    </p>
  );
}
