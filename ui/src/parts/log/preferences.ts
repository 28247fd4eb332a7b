/** How the reader likes logs: kept in this browser. */
import { useCallback, useState } from "react";

export type Preferences = { wrap: boolean; times: boolean };

const KEY = "slipway.log";
const FIRST: Preferences = { wrap: false, times: false };

export function usePreferences(): [Preferences, (changed: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(stored);
  const prefer = useCallback(
    (changed: Partial<Preferences>) =>
      setPreferences((before) => {
        const after = { ...before, ...changed };
        localStorage.setItem(KEY, JSON.stringify(after));
        return after;
      }),
    [],
  );
  return [preferences, prefer];
}

function stored(): Preferences {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { wrap: found.wrap === true, times: found.times === true };
  } catch {
    return FIRST;
  }
}
