import { useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useNamespaces } from "../api/hooks";
import { rememberedNamespace, rememberNamespace } from "../namespace";
import { writeFilters } from "../parts/useFilters";
import { pickTheme, storedTheme, THEMES, type Theme } from "../theme/theme";
import { localZone, useZonePicker } from "../zone";

/** Pages of one thing have its namespace in their path: there, picking another leads to the list. */
const OF_ONE_THING = /^\/(dags|runs|backfills)\/[^/]+\/[^/]+/;

export function NamespacePicker() {
  const { pathname } = useLocation();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const { data } = useNamespaces();
  const isOne = OF_ONE_THING.test(pathname);
  const current = isOne ? rememberedNamespace() : (search.get("namespace") ?? "");
  const names = data?.items ?? [];
  const listed = current === "" || names.includes(current) ? names : [current, ...names];

  function pick(namespace: string) {
    rememberNamespace(namespace);
    if (isOne) {
      void navigate({ pathname: `/${pathname.split("/")[1]}`, search: namespace === "" ? "" : `?namespace=${namespace}` });
    } else {
      setSearch((before) => writeFilters(before, { namespace }));
    }
  }

  return (
    <select aria-label="Namespace" className="picker" value={current} onChange={(event) => pick(event.target.value)}>
      <option value="">All namespaces</option>
      {listed.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function ZonePicker() {
  const { zone, pick } = useZonePicker();
  const own = localZone();
  const zones = [...new Set(["UTC", own, zone, ...Intl.supportedValuesOf("timeZone")])];
  return (
    <select aria-label="Time zone" className="picker" value={zone} onChange={(event) => pick(event.target.value)}>
      {zones.map((name) => (
        <option key={name} value={name}>
          {name === own && name !== "UTC" ? `${name} (this computer)` : name}
        </option>
      ))}
    </select>
  );
}

const WORDS: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark", contrast: "High contrast" };

export function ThemePicker() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <select
      aria-label="Theme"
      className="picker"
      value={theme}
      onChange={(event) => {
        const picked = event.target.value as Theme;
        pickTheme(picked);
        setTheme(picked);
      }}
    >
      {THEMES.map((each) => (
        <option key={each} value={each}>
          {WORDS[each]}
        </option>
      ))}
    </select>
  );
}
