/** Which task, instance, attempt and tab the address names. */
import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";

export const TABS = ["log", "attempts", "spec", "outputs", "events", "why"] as const;
export type TabName = (typeof TABS)[number];

export type Place = {
  ns: string;
  run: string;
  task: string;
  index: number | undefined;
  attempt: number | undefined;
  tab: TabName | undefined;
};

export function usePlace(): Place {
  const { ns = "", run = "", task = "" } = useParams();
  const [search] = useSearchParams();
  return useMemo(() => ({ ns, run, task, ...placeOf(search) }), [ns, run, task, search]);
}

export function placeOf(search: URLSearchParams): Pick<Place, "index" | "attempt" | "tab"> {
  const tab = search.get("tab");
  return {
    index: whole(search.get("index")),
    attempt: whole(search.get("try")),
    tab: TABS.find((known) => known === tab),
  };
}

/** The search of an address: `?index=3&try=2&tab=log`. */
export function searchOf({ index, attempt, tab }: Partial<Pick<Place, "index" | "attempt" | "tab">>): string {
  const words = new URLSearchParams();
  if (index !== undefined) {
    words.set("index", String(index));
  }
  if (attempt !== undefined) {
    words.set("try", String(attempt));
  }
  if (tab !== undefined) {
    words.set("tab", tab);
  }
  return words.size === 0 ? "" : `?${words}`;
}

/** `load`, or `load[3]` as people and the API write an instance. */
export function instanceName(task: string, index: number | null | undefined): string {
  return index === null || index === undefined ? task : `${task}[${index}]`;
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
