import type { KeyboardEvent } from "react";
import { count } from "../../format";
import { SearchFilter } from "../Filters";
import { LEVELS, type Level } from "./levels";
import type { Preferences } from "./preferences";

export type LogToolbarProps = {
  values: { levels: ReadonlySet<Level>; text: string | undefined; onlyMatches: boolean };
  onLevels: (levels: readonly Level[]) => void;
  onText: (text: string) => void;
  onOnly: (only: boolean) => void;
  preferences: Preferences;
  prefer: (changed: Partial<Preferences>) => void;
  /** `place` counts from 0; -1 = none was gone to. */
  matches: { count: number; place: number };
  step: (forward: boolean) => void;
  following: boolean;
  onFollow: () => void;
  onFullScreen: () => void;
  download: string;
  fileName: string;
};

const WORDS: Record<Level, { word: string; family: string }> = {
  error: { word: "ERROR", family: "bad" },
  warn: { word: "WARN", family: "retry" },
  info: { word: "INFO", family: "active" },
  debug: { word: "DEBUG", family: "waiting" },
  other: { word: "without", family: "waiting" },
};

export function LogToolbar(props: LogToolbarProps) {
  const { values, preferences, prefer, matches, step } = props;
  const hasText = values.text !== undefined;

  function key(event: KeyboardEvent) {
    if (event.key === "Enter") {
      event.preventDefault();
      step(!event.shiftKey);
    }
  }

  return (
    <div className="log-bar" role="toolbar" aria-label="Log">
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <span className="row" onKeyDown={key}>
        <SearchFilter label="Search the log" value={values.text} onChange={props.onText} />
      </span>
      {hasText && (
        <span className="row log-found">
          <span role="status" className="small">
            {matches.place >= 0 ? `${(matches.place + 1).toLocaleString("en")} of ` : ""}
            {count(matches.count, "line matches", "lines match")}
          </span>
          <button type="button" onClick={() => step(false)} disabled={matches.count === 0} aria-label="Previous match">
            ↑
          </button>
          <button type="button" onClick={() => step(true)} disabled={matches.count === 0} aria-label="Next match">
            ↓
          </button>
          <label className="row small">
            <input type="checkbox" checked={values.onlyMatches} onChange={(event) => props.onOnly(event.target.checked)} />
            only these
          </label>
        </span>
      )}
      <fieldset className="state-filter">
        <legend className="hidden-visually">Level</legend>
        {LEVELS.map((level) => {
          const { word, family } = WORDS[level];
          const chosen = values.levels.has(level);
          const next = chosen ? [...values.levels].filter((each) => each !== level) : [...values.levels, level];
          return (
            <button
              key={level}
              type="button"
              className="chip"
              data-family={family}
              aria-pressed={chosen}
              title={level === "other" ? "Lines in which no level was found" : `Lines of level ${word}, and those that continue them`}
              onClick={() => props.onLevels(next)}
            >
              {word}
            </button>
          );
        })}
      </fieldset>
      <span className="row log-tools">
        <Toggle on={props.following} onClick={props.onFollow} title="Stay at the end as lines come">
          Follow
        </Toggle>
        <Toggle on={preferences.wrap} onClick={() => prefer({ wrap: !preferences.wrap })} title="Break long lines">
          Wrap
        </Toggle>
        <Toggle on={preferences.times} onClick={() => prefer({ times: !preferences.times })} title="When each line was written">
          Times
        </Toggle>
        <button type="button" onClick={props.onFullScreen} title="Full screen (f)">
          Full screen
        </button>
        <a className="button" href={props.download} download={props.fileName}>
          Download
        </a>
      </span>
    </div>
  );
}

function Toggle({ on, onClick, title, children }: { on: boolean; onClick: () => void; title: string; children: string }) {
  return (
    <button type="button" className="log-toggle" aria-pressed={on} onClick={onClick} title={title}>
      {children}
    </button>
  );
}
