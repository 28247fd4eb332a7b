/** The frame of every page: its title, way back, actions, freshness, and the same in a terminal. */
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";
import { useLiveState } from "../api/hooks";
import { dateTime } from "../format";
import { useZone } from "../zone";
import { Command } from "./Command";

export type Crumb = { label: string; to: string };

export type PageProps = {
  /** Also of the browser's tab. */
  title: string;
  /** Beside the title, such as a State. */
  beside?: ReactNode;
  crumbs?: readonly Crumb[];
  /** Buttons. */
  actions?: ReactNode;
  /** When the data were fetched, in milliseconds; 0 = not yet (react-query's dataUpdatedAt). */
  updatedAt?: number | undefined;
  /** The kubectl or slipway line that shows the same. */
  command?: string | undefined;
  children: ReactNode;
};

export function Page({ title, beside, crumbs = [], actions, updatedAt, command, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Slipway`;
  }, [title]);
  return (
    <article className="page">
      <header className="page-header">
        <div className="page-name">
          {crumbs.length > 0 && (
            <nav aria-label="Way back" className="crumbs">
              {crumbs.map((crumb) => (
                <Link key={crumb.to} to={crumb.to} className="cut" title={crumb.label}>
                  {crumb.label}
                </Link>
              ))}
            </nav>
          )}
          <div className="page-title">
            <h1 className="cut" title={title}>
              {title}
            </h1>
            {beside}
          </div>
        </div>
        <div className="page-tools">
          {updatedAt !== undefined && <Freshness updatedAt={updatedAt} />}
          {actions !== undefined && <div className="row">{actions}</div>}
        </div>
        {command !== undefined && <Command line={command} />}
      </header>
      {children}
    </article>
  );
}

const MARKS = {
  live: { word: "live", title: "Changes show within two seconds" },
  polling: { word: "polling", title: "The event stream can't be had: the page asks every 4 seconds" },
  paused: { word: "paused", title: "The tab is hidden: nothing is asked" },
} as const;

/** Whether the page is live. */
export function LiveMark() {
  const state = useLiveState();
  const mark = MARKS[state];
  return (
    <span className="live" data-live={state} title={mark.title}>
      <span className="live-dot" aria-hidden="true" />
      {mark.word}
    </span>
  );
}

/** When the data were fetched; whether they stay fresh is in the header. */
export function Freshness({ updatedAt }: { updatedAt: number }) {
  const zone = useZone();
  if (updatedAt === 0) {
    return null;
  }
  return (
    <span className="muted small">
      as of{" "}
      <time dateTime={new Date(updatedAt).toISOString()} title={`Fetched ${dateTime(updatedAt, zone)} ${zone}`}>
        {dateTime(updatedAt, zone).slice(11)}
      </time>
    </span>
  );
}
