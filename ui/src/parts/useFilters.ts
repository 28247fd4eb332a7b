/** Filters <-> the search of the address, so that a list can be linked to, and the back button undoes a filter. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** text: one value; many: a repeated one; flag: true or false. */
export type Kind = "text" | "many" | "flag";
type Shape = Record<string, Kind>;
type ValueOf<K extends Kind> = K extends "many" ? readonly string[] : K extends "flag" ? boolean | undefined : string | undefined;
export type Values<S extends Shape> = { [name in keyof S]: ValueOf<S[name]> };

export type Filters<S extends Shape> = {
  /** As the API takes them: hand them to `params.query`. */
  values: Values<S>;
  /** Whether any filter is set, that of the namespace left out. */
  isActive: boolean;
  /** Set some of them; undefined, "" and [] take one away. `replace` leaves no step for the back button. */
  set: (changed: Partial<Values<S>>, options?: { replace?: boolean }) => void;
  clear: () => void;
};

/** The filters of a page. Give a constant from outside of the component. */
export function useFilters<const S extends Shape>(shape: S): Filters<S> {
  const [search, setSearch] = useSearchParams();
  const values = useMemo(() => readFilters(shape, search), [shape, search]);
  const set = useCallback(
    (changed: Partial<Values<S>>, options?: { replace?: boolean }) =>
      setSearch((before) => writeFilters(before, changed), { replace: options?.replace ?? false }),
    [setSearch],
  );
  const clear = useCallback(
    () =>
      setSearch((before) =>
        writeFilters(before, Object.fromEntries(Object.keys(shape).filter(isOwn).map((name) => [name, undefined]))),
      ),
    [setSearch, shape],
  );
  const isActive = Object.keys(shape).some((name) => isOwn(name) && search.has(name));
  return { values, isActive, set, clear };
}

/** The namespace is chosen in the header, not among a page's filters. */
function isOwn(name: string): boolean {
  return name !== "namespace";
}

export function readFilters<const S extends Shape>(shape: S, search: URLSearchParams): Values<S> {
  const found = Object.entries(shape).map(([name, kind]) => [name, read(kind, search.getAll(name))]);
  return Object.fromEntries(found) as Values<S>;
}

function read(kind: Kind, given: readonly string[]): unknown {
  const told = given.filter((value) => value !== "");
  switch (kind) {
    case "many":
      return told;
    case "flag":
      return told[0] === "true" ? true : told[0] === "false" ? false : undefined;
    case "text":
      return told[0];
  }
}

export function writeFilters(before: URLSearchParams, changed: Record<string, unknown>): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changed)) {
    after.delete(name);
    const each = Array.isArray(value) ? value : [value];
    each.filter((one) => one !== undefined && one !== "").forEach((one) => after.append(name, String(one)));
  }
  return after;
}
