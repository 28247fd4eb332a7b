/** What is around every page: navigation, pickers, banner, skip link, and the list of shortcuts. */
import { useEffect, useState } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { Failure } from "../parts/Failure";
import { listenForShortcuts, useShortcut } from "../keys";
import { rememberedNamespace, useNamespace } from "../namespace";
import { HealthBanner } from "./HealthBanner";
import { NamespacePicker, ThemePicker, ZonePicker } from "./pickers";
import { Shortcuts } from "./Shortcuts";
import { UserMenu } from "./UserMenu";
import { LiveMark } from "../parts/Page";

const PLACES = [
  { to: "/", label: "Home", keys: "g h" },
  { to: "/dags", label: "Dags", keys: "g d" },
  { to: "/runs", label: "Runs", keys: "g r" },
  { to: "/pools", label: "Pools", keys: "g p" },
  { to: "/backfills", label: "Backfills", keys: "g b" },
  { to: "/approvals", label: "Approvals", keys: "g a" },
  { to: "/assets", label: "Assets", keys: "g s" },
  { to: "/audit", label: "Audit", keys: "g u" },
] as const;

export function Shell() {
  const [listed, setListed] = useState(false);
  const { pathname } = useLocation();
  useEffect(listenForShortcuts, []);
  useShortcut("?", "List the shortcuts", () => setListed(true));
  return (
    <div className="shell">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="bar">
        <NavLink to="/" className="brand" aria-label="Slipway, home">
          <img src="/slipway.svg" alt="" width="22" height="22" />
          Slipway
        </NavLink>
        <nav className="bar-nav" aria-label="Main">
          {PLACES.map((place) => (
            <Place key={place.to} {...place} />
          ))}
        </nav>
        <div className="bar-tools">
          <LiveMark />
          <NamespacePicker />
          <ZonePicker />
          <ThemePicker />
          <button type="button" className="plain" aria-label="Keyboard shortcuts" onClick={() => setListed(true)}>
            <kbd>?</kbd>
          </button>
          <UserMenu />
        </div>
      </header>
      <HealthBanner />
      <main id="page" tabIndex={-1}>
        <Failure place={pathname}>
          <Outlet />
        </Failure>
      </main>
      {listed && <Shortcuts onClose={() => setListed(false)} />}
    </div>
  );
}

function Place({ to, label, keys }: { to: string; label: string; keys: string }) {
  const navigate = useNavigate();
  const here = useNamespace();
  const namespace = here ?? rememberedNamespace();
  const target = namespace === "" ? to : `${to}?namespace=${encodeURIComponent(namespace)}`;
  useShortcut(keys, `Go to ${label}`, () => void navigate(target));
  return (
    <NavLink to={target} end={to === "/"}>
      {label}
    </NavLink>
  );
}
