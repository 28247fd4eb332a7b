/** API calls -> react-query, with the habits of every page: live invalidation, last data stay, keyset pages. */
import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useToast } from "../parts/Toast";
import type { About, Changes } from "./about";
import { api, data } from "./client";
import type { Live, LiveState } from "./live";
import { asProblem, Problem } from "./problem";
import type { Health, Namespaces, Who } from "./schema";

export { about } from "./about";

type Key = readonly unknown[];
type Answer<T> = Promise<{ data?: T | undefined }>;
type Page<T> = { items: T[]; next?: string | null | undefined };

export type ReadOptions<T> = {
  /** Unique among all queries; begin with a word for what it is. */
  key: Key;
  /** What it shows; a change there asks it again. Empty = never by itself. */
  about: readonly About[];
  call: (signal: AbortSignal) => Answer<T>;
  enabled?: boolean;
  /** For what never changes, such as a revision. */
  staleTime?: number;
};

/** One answer of the API. While new data come, the last ones of the same page stay. */
export function useRead<T>({ key, about, call, enabled = true, staleTime = 0 }: ReadOptions<T>): UseQueryResult<T, Problem> {
  return useQuery<T, Problem>({
    queryKey: key,
    queryFn: ({ signal }) => data(call(signal)),
    meta: { about },
    enabled,
    staleTime,
  });
}

export type PagesOptions<T> = Omit<ReadOptions<Page<T>>, "call"> & {
  call: (cursor: string | undefined, signal: AbortSignal) => Answer<Page<T>>;
};

export type Pages<T> = {
  /** All that is loaded so far; undefined before the first page. */
  items: T[] | undefined;
  problem: Problem | null;
  isLoading: boolean;
  isFetching: boolean;
  updatedAt: number;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  refetch: () => void;
};

/** Keyset pages, one after the other. While filters change, the last items stay until the new ones are there. */
export function usePages<T>({ key, about, call, enabled = true, staleTime = 0 }: PagesOptions<T>): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => data(call(pageParam, signal)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<T>) => last.next ?? undefined,
    meta: { about },
    placeholderData: keepPreviousData,
    enabled,
    staleTime,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return {
    items,
    problem: query.error === null ? null : asProblem(query.error),
    isLoading: query.isLoading,
    isFetching: query.isFetching,
    updatedAt: query.dataUpdatedAt,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    refetch: () => void query.refetch(),
  };
}

export type ActOptions<In, Out> = {
  call: (input: In) => Answer<Out>;
  /** What the toast says when it is done; nothing for a dry run. */
  done?: (output: Out, input: In) => string | undefined;
  /** Show a failure beside the form instead of in a toast. */
  quiet?: boolean;
};

/** One change. What is on show is asked again at once, before the stream tells. */
export function useAct<In, Out>({ call, done, quiet = false }: ActOptions<In, Out>): UseMutationResult<Out, Problem, In> {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation<Out, Problem, In>({
    mutationFn: (input) => data(call(input)),
    onSuccess: (output, input) => {
      const message = done?.(output, input);
      if (message !== undefined) {
        toast.tell(message);
        void queries.invalidateQueries({ type: "active" });
      }
    },
    onError: (error) => {
      if (!quiet) {
        toast.warn(error);
      }
    },
  });
}

const session = { queryKey: ["session"], queryFn: () => data<Who>(api.GET("/api/v1/session")), staleTime: 60_000 };

/** Who is signed in; a problem of status 401 when nobody is. */
export function useWho(): UseQueryResult<Who, Problem> {
  return useQuery<Who, Problem>({ ...session, retry: false });
}

/** The namespaces of the picker. */
export function useNamespaces(): UseQueryResult<Namespaces, Problem> {
  const call = (signal: AbortSignal) => api.GET("/api/v1/namespaces", { signal });
  return useRead<Namespaces>({ key: ["namespaces"], about: [], call, staleTime: 30_000 });
}

/** How the database and the controller are, asked every few seconds. */
export function useHealth(): UseQueryResult<Health, Problem> {
  return useQuery<Health, Problem>({
    queryKey: ["health"],
    queryFn: ({ signal }) => data(api.GET("/api/v1/health", { signal })),
    refetchInterval: 5000,
    retry: false,
  });
}

export const LiveContext = createContext<Live | null>(null);

/** Whether the page is live, polls, or is paused. */
export function useLiveState(): LiveState {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live?.watch ?? never, () => live?.current() ?? "polling");
}

/** Be told of changed rows as they come, such as to colour a cell without asking for the grid again. */
export function useChanges(listener: (changes: Changes) => void): void {
  const live = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => live?.listen((changes) => latest.current(changes)), [live]);
}

function never(): () => void {
  return () => undefined;
}

/** The query client of the app: a problem that asking again can't mend is told at once. */
export function makeQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => asProblem(error).status >= 500 && count < 1,
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
