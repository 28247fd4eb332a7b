/** What the grid shows, in the API's three calls, and how it stays fresh without asking for all of it again. */
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import type { Changes } from "../../../api/about";
import { api, data } from "../../../api/client";
import { about, useChanges, useRead } from "../../../api/hooks";
import type { Problem } from "../../../api/problem";
import type { DagLine, RunBar, Structure } from "../../../api/schema";
import { layoutOf, type Layout } from "./model";
import { GridStore, type Patch, type Told } from "./store";

export type Place = { ns: string; dag: string };
type StatesAnswer = { items: Told[] };

/** Never among the stream's tables: such a query is asked again when all are, not for each change. */
const BY_PATCHES = [about(["grid"])];
const PATCH_MS = 300;
/** The API answers for so many runs at once. */
const MOST_ASKED = 100;

/** The rows of the Dag's current revision, and of others that runs on show are pinned to. */
export function useLayout({ ns, dag }: Place, current: string | null, others: readonly string[]): { layout: Layout | undefined; structures: readonly Structure[]; problem: Problem | null } {
  const wanted = [...(current === null ? [] : [current]), ...others.filter((each) => each !== current)];
  const answers = useQueries({
    queries: wanted.map((revision) => ({
      queryKey: ["structure", ns, dag, revision],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        data<Structure>(
          api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/grid/structure", {
            params: { path: { namespace: ns, dag }, query: { revision } },
            signal,
          }),
        ),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  // A revision that is no longer kept costs its runs their cells, not the page.
  const found = answers.flatMap((answer) => (answer.data === undefined ? [] : [answer.data]));
  const settled = answers.every((answer) => !answer.isPending);
  const names = found.map((each) => each.revision).join(" ");
  const structures = useRef<readonly Structure[]>([]);
  const layout = useMemo(() => {
    structures.current = found;
    return settled && found.length > 0 ? layoutOf(found) : undefined;
  }, [names, settled]); // oxlint-disable-line react/exhaustive-deps -- a revision never changes, so its name stands for it
  const problem = (answers.find((answer) => answer.error !== null && found.length === 0)?.error as Problem | undefined) ?? null;
  return { layout, structures: structures.current, problem };
}

export type Window = { limit: number; cursor: string | undefined; state: readonly string[]; type: readonly string[] };

/** The runs of the window, the newest first. */
export function useRuns({ ns, dag }: Place, { limit, cursor, state, type }: Window) {
  const query = { limit, cursor, state: [...state] as ("Queued" | "Running" | "Success" | "Failed")[], type: [...type] as never[] };
  return useRead<{ items: RunBar[]; next?: string | null }>({
    key: ["grid", "runs", ns, dag, query],
    about: BY_PATCHES,
    call: (signal) =>
      api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/grid/runs", { params: { path: { namespace: ns, dag }, query }, signal }),
  });
}

/** A store with the states of these runs, patched as the event stream tells. */
export function useStates(place: Place, layout: Layout | undefined, runs: readonly RunBar[], onRun: (run: string, state: string) => void) {
  const { ns, dag } = place;
  const store = useMemo(() => new GridStore(), [ns, dag]); // oxlint-disable-line react/exhaustive-deps -- one for each Dag
  const names = useMemo(() => runs.map((run) => run.name), [runs]);
  const askedAt = useRef(0);
  const answer = useRead<StatesAnswer>({
    key: ["grid", "states", ns, dag, names],
    about: BY_PATCHES,
    enabled: names.length > 0,
    call: async (signal) => {
      const asked = performance.now();
      const told = await askStates(place, names, signal);
      askedAt.current = asked;
      return told;
    },
  });
  // Before the rows are drawn, so that they are drawn once; rows that are there already are told by the flush.
  const seeded = useMemo(() => {
    if (layout !== undefined) {
      store.takeLayout(layout);
      store.seed(answer.data?.items ?? [], askedAt.current);
    }
    return store;
  }, [store, layout, answer.data]);
  useLayoutEffect(() => seeded.flush());
  const stale = useMemo(() => new Stale({ ns, dag }, store), [ns, dag, store]);
  useEffect(() => () => stale.stop(), [stale]);
  useChanges((changes) => {
    const seen = changesOf(changes, place, layout);
    store.patch(seen.patches.filter((patch) => store.has(patch.run)));
    stale.add(seen.mapped.filter((run) => store.has(run)));
    seen.runs.forEach(([run, state]) => onRun(run, state));
  });
  return { store, answer, isSeeded: layout !== undefined && (names.length === 0 || names.some((name) => store.has(name))) };
}

function askStates({ ns, dag }: Place, run: string[], signal?: AbortSignal): Promise<{ data?: StatesAnswer | undefined }> {
  const asked = { params: { path: { namespace: ns, dag }, query: { run } } };
  return api.GET("/api/v1/namespaces/{namespace}/dags/{dag}/grid/states", signal === undefined ? asked : { ...asked, signal }) as Promise<{ data?: StatesAnswer }>;
}

/** Asks for runs whose mapped tasks have changed, several changes at once. */
class Stale {
  private readonly due = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly place: Place,
    private readonly store: GridStore,
  ) {}

  add(runs: readonly string[], afterMs = PATCH_MS): void {
    runs.forEach((run) => this.due.add(run));
    if (this.due.size > 0) {
      this.timer ??= setTimeout(() => void this.ask(), afterMs);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async ask(): Promise<void> {
    const runs = [...this.due].slice(0, MOST_ASKED);
    const askedAt = performance.now();
    runs.forEach((run) => this.due.delete(run));
    try {
      const told = await data(askStates(this.place, runs));
      this.store.seed(told.items, askedAt);
      this.store.flush();
      this.timer = undefined;
      this.add([]);
    } catch {
      // The page's own queries tell what is wrong; these runs are asked again after a while.
      this.timer = undefined;
      this.add(runs, PATCH_MS * 20);
    }
  }
}

type Seen = { patches: Patch[]; mapped: string[]; runs: [string, string][] };

/** What a batch of changed rows says about this Dag. */
export function changesOf(changes: Changes, { ns, dag }: Place, layout: Layout | undefined): Seen {
  const seen: Seen = { patches: [], mapped: [], runs: [] };
  for (const row of changes["tasks"] ?? []) {
    const [namespace, of, run, task, index, state, attempt] = row as [string, string, string, string, number | null, string, number];
    if (namespace !== ns || of !== dag) {
      continue;
    }
    const place = layout?.places.get(task);
    if (index !== null || (place !== undefined && layout?.tasks[place]?.mapped)) {
      seen.mapped.push(run);
    } else {
      seen.patches.push({ run, task, state, attempt });
    }
  }
  for (const row of changes["runs"] ?? []) {
    const [namespace, of, run, state] = row as [string, string, string, string];
    if (namespace === ns && of === dag) {
      seen.runs.push([run, state]);
    }
  }
  return seen;
}

/** The revisions of these runs, each once. */
export function revisionsOf(runs: readonly RunBar[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => (run.revision === null ? [] : [run.revision])))];
}

/** Ask for the runs again when one of them stands otherwise, or, in the newest window, when there is a new one. */
export function useRunChanges({ ns, dag }: Place, known: readonly RunBar[], isNewest: boolean): (run: string, state: string) => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (run, state) => {
    const found = known.find((each) => each.name === run);
    if (timer.current === undefined && (found === undefined ? isNewest : found.state !== state)) {
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: ["grid", "runs", ns, dag] });
      }, PATCH_MS);
    }
  };
}

/** Everything that the grid needs. */
export function useGrid(place: Place, dag: DagLine, window: Window) {
  const runs = useRuns(place, window);
  const columns = useMemo(() => (runs.data?.items ?? []).toReversed(), [runs.data]);
  const { layout, structures, problem } = useLayout(place, dag.revision, revisionsOf(columns));
  const onRun = useRunChanges(place, columns, window.cursor === undefined);
  const states = useStates(place, layout, columns, onRun);
  return {
    columns,
    layout,
    structures,
    store: states.store,
    isReady: runs.data !== undefined && (columns.length === 0 || states.isSeeded),
    problem: runs.error ?? states.answer.error ?? problem,
    updatedAt: Math.max(runs.dataUpdatedAt, states.answer.dataUpdatedAt),
    next: runs.data?.next ?? null,
    retry: () => {
      void runs.refetch();
      void states.answer.refetch();
    },
  };
}
