/** The time zone that all times are shown in: picked in the header, kept in this browser, UTC at first. */
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";

const KEY = "slipway.zone";

const ZoneContext = createContext<{ zone: string; pick: (zone: string) => void }>({ zone: "UTC", pick: () => undefined });

export function ZoneProvider({ children }: { children: ReactNode }) {
  const [zone, setZone] = useState(stored);
  const value = useMemo(
    () => ({
      zone,
      pick(next: string) {
        localStorage.setItem(KEY, next);
        setZone(next);
      },
    }),
    [zone],
  );
  return <ZoneContext value={value}>{children}</ZoneContext>;
}

export function useZone(): string {
  return useContext(ZoneContext).zone;
}

export function useZonePicker(): { zone: string; pick: (zone: string) => void } {
  return useContext(ZoneContext);
}

/** The zone of this computer. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function stored(): string {
  const found = localStorage.getItem(KEY) ?? "UTC";
  try {
    Intl.DateTimeFormat("en", { timeZone: found });
    return found;
  } catch {
    return "UTC";
  }
}
