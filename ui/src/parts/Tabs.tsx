import { NavLink, useLocation } from "react-router";

export type Tab = {
  /** An address, such as `/dags/team/etl/grid`, or only a search such as `?tab=log`. */
  to: string;
  label: string;
  count?: number | undefined;
  /** Whether this one is shown, where the address need not say it. */
  current?: boolean;
};

/** Views of one thing; each is an address, so the back button works and a tab can be opened beside. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const { search } = useLocation();
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) =>
        tab.to.startsWith("?") ? (
          <NavLink key={tab.to} to={tab.to} replace className="tab" aria-current={(tab.current ?? matches(search, tab.to)) ? "page" : "false"}>
            <TabText tab={tab} />
          </NavLink>
        ) : (
          <NavLink key={tab.to} to={tab.to} className="tab" end>
            <TabText tab={tab} />
          </NavLink>
        ),
      )}
    </nav>
  );
}

function TabText({ tab }: { tab: Tab }) {
  return (
    <>
      {tab.label}
      {tab.count !== undefined && <span className="count">{tab.count.toLocaleString("en")}</span>}
    </>
  );
}

/** Whether the address has every word of the tab's search. */
function matches(search: string, wanted: string): boolean {
  const here = new URLSearchParams(search);
  return [...new URLSearchParams(wanted)].every(([name, value]) => here.get(name) === value);
}
