import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { data } from "../api/client";
import { useAct } from "../api/hooks";
import type { Problem } from "../api/problem";
import { changeOf, type Change } from "./instances";
import { touched, type Told } from "./range";

const CONFLICT = 409;

type Answer = Promise<{ data?: Told | undefined }>;
/** Dry, or bound to what the dry run told. */
type How = { dryRun: true } | { expect: string | undefined };

export type PreviewOptions<Asked> = {
  /** Unique among all previews. */
  key: readonly unknown[];
  asked: Asked;
  call: (asked: Asked & How, signal?: AbortSignal) => Answer;
  done: (told: Told) => string;
  onDone: () => void;
};

export type Preview = {
  /** What would be touched; undefined until it is known. */
  told: Told | undefined;
  problem: Problem | null;
  isLoading: boolean;
  /** Set when what the reader had seen was no longer true as they confirmed it. */
  change: Change | null;
  confirm: () => void;
  isBusy: boolean;
};

/** A dry run of what is asked, and the way to have exactly that done. */
export function usePreview<Asked extends object>({ key, asked, call, done, onDone }: PreviewOptions<Asked>): Preview {
  const queries = useQueryClient();
  const queryKey = ["preview", ...key, asked];
  const [changed, setChanged] = useState<{ key: string; change: Change } | null>(null);
  const here = JSON.stringify(queryKey);
  const preview = useQuery<Told, Problem>({
    queryKey,
    queryFn: ({ signal }) => data(call({ ...asked, dryRun: true }, signal)),
    // What is on show stays as it was read; that it changed is told on confirming.
    meta: { about: [] },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const act = useAct<How, Told>({ call: (how) => call({ ...asked, ...how }), done, quiet: true });

  async function renew(before: Told) {
    await queries.refetchQueries({ queryKey, exact: true });
    const after = queries.getQueryData<Told>(queryKey);
    if (after !== undefined && after.token !== before.token) {
      setChanged({ key: here, change: changeOf(touched(before), touched(after)) });
      act.reset();
    }
  }

  return {
    told: preview.data,
    problem: preview.error ?? act.error,
    isLoading: preview.isFetching,
    change: changed?.key === here ? changed.change : null,
    isBusy: act.isPending,
    confirm: () => {
      const before = preview.data;
      if (before === undefined) {
        return;
      }
      setChanged(null);
      act.mutate(
        { expect: before.token ?? undefined },
        {
          onSuccess: onDone,
          onError: (error) => {
            if (error.status === CONFLICT) {
              void renew(before);
            }
          },
        },
      );
    },
  };
}
