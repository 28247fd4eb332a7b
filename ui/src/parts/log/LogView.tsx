/** The log of one attempt: virtual rows, search, levels, and what is missing of it. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useDeferredValue, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState, type UIEvent } from "react";
import { useLocation } from "react-router";
import { Loading } from "../Loading";
import { useFilters } from "../useFilters";
import { useShortcut } from "../../keys";
import { LogNotes, NoLog } from "./notes";
import { LogRow } from "./LogRow";
import { LogToolbar } from "./LogToolbar";
import { LEVELS, type Level } from "./levels";
import { usePreferences } from "./preferences";
import { pattern, placeOf, ShownLines } from "./shown";
import { downloadUrl, logUrl, useLog } from "./useLog";
import "./log.css";

export type LogViewProps = {
  ns: string;
  run: string;
  task: string;
  index: number | undefined;
  attempt: number;
  /** Whether the attempt goes on, so that more may come. */
  isLive: boolean;
  /** What the reader may look at where there is no log. */
  elsewhere: readonly { to: string; label: string }[];
};

const SHAPE = { level: "many", q: "text", only: "flag" } as const;
const ROW_PX = 20;
const AT_END_PX = 30;

export function LogView({ ns, run, task, index, attempt, isLive, elsewhere }: LogViewProps) {
  const { values, set } = useFilters(SHAPE);
  const [preferences, prefer] = usePreferences();
  const path = { ns, run, task, attempt };
  const log = useLog({ url: logUrl(path, { index, timestamps: preferences.times }), isLive, enabled: true });
  const text = useDeferredValue(values.q ?? "");
  const chosen = values.level.filter((level) => LEVELS.some((known) => known === level)).join(",");
  const question = useMemo(
    () => ({ levels: new Set(chosen === "" ? [] : (chosen.split(",") as Level[])), text, onlyMatches: values.only === true }),
    [chosen, text, values.only],
  );
  const lines = useShown(log.buffer, question, log.buffer.end);
  const frame = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const target = useTarget();
  const [following, setFollowing] = useState(target === null);
  const [match, setMatch] = useState<number | null>(null);
  const looked = useMemo(() => (text === "" ? null : pattern(text)), [text]);

  // Its answers are used in this component alone, which the compiler leaves as it is.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: lines.shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: useCallback((place: number) => lines.shown[place] ?? place, [lines]),
    overscan: 24,
  });

  const goTo = useCallback(
    (number: number) => {
      const place = placeOf(lines.shown, number, lines.shown.length - 1);
      setFollowing(false);
      rows.scrollToIndex(place, { align: "center" });
    },
    [lines, rows],
  );

  const count = lines.shown.length;
  useEffect(() => {
    if (following && count > 0) {
      rows.scrollToIndex(count - 1, { align: "end" });
    }
  }, [following, count, rows, preferences.wrap]);

  const reached = useRef<number | null>(null);
  const lastShown = lines.shown[count - 1] ?? 0;
  useEffect(() => {
    if (target !== null && target !== reached.current && lastShown >= target) {
      reached.current = target;
      goTo(target);
    }
  }, [target, lastShown, goTo]);

  const last = useRef(0);
  // Where lines were let go the browser scrolls up by itself, and tells it when others have come already.
  const resized = useRef(false);
  useLayoutEffect(() => {
    resized.current = true;
  }, [count]);
  function scrolled(event: UIEvent<HTMLDivElement>) {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (isAtEnd) {
      setFollowing(true);
    } else if (scrollTop < last.current - 2 && !resized.current) {
      setFollowing(false);
    }
    resized.current = false;
    last.current = scrollTop;
  }

  function step(forward: boolean) {
    const { matches } = lines;
    if (matches.length === 0) {
      return;
    }
    const here = match ?? lines.shown[rows.range?.startIndex ?? 0] ?? 0;
    const next = forward ? placeOf(matches, match === null ? here : here + 1, 0) : placeOf(matches, here, matches.length) - 1;
    const number = matches.at(next) ?? 0;
    setMatch(number);
    goTo(number);
  }
  useShortcut("n", "Next line of the log that matches", () => step(true), text !== "");
  useShortcut("N", "Previous line of the log that matches", () => step(false), text !== "");
  useShortcut("f", "Log in full screen", () => void toggleFullScreen(frame.current));

  if (log.buffer.kept === 0 && log.status !== "reading") {
    return log.status === "opening" ? <Loading what="Reading the log" /> : <NoLog log={log} elsewhere={elsewhere} />;
  }
  const widest = `${String(log.buffer.end).length}ch`;
  return (
    <section ref={frame} className="log" aria-label={`Log of ${task}, try ${attempt}`}>
      <LogToolbar
        values={{ levels: question.levels, text: values.q, onlyMatches: values.only === true }}
        onLevels={(level) => set({ level }, { replace: true })}
        onText={(q) => {
          setMatch(null);
          set({ q }, { replace: true });
        }}
        onOnly={(only) => set({ only: only ? true : undefined }, { replace: true })}
        preferences={preferences}
        prefer={prefer}
        matches={{ count: lines.matches.length, place: match === null ? -1 : lines.matches.indexOf(match) }}
        step={step}
        following={following}
        onFollow={() => setFollowing((before) => !before)}
        onFullScreen={() => void toggleFullScreen(frame.current)}
        download={downloadUrl(path, index, isLive)}
        fileName={`${run}-${task}${index === undefined ? "" : `-${index}`}-${attempt}.log`}
      />
      <LogNotes log={log} hidden={lines.hidden} isFiltered={chosen !== "" || (values.only === true && text !== "")} isLive={isLive} clear={() => set({ level: [], only: undefined })} />
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={box} className="log-box" data-wrap={preferences.wrap} tabIndex={0} role="region" aria-label="Lines" onScroll={scrolled}>
        <div className="log-lines" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const number = lines.shown[row.index] ?? 0;
            return (
              <LogRow
                key={row.key}
                measure={preferences.wrap ? rows.measureElement : undefined}
                place={row.index}
                top={row.start}
                number={number}
                digits={widest}
                line={log.buffer.line(number)}
                level={log.buffer.level(number)}
                hasTime={preferences.times && !log.lacksTimes}
                looked={looked}
                isTarget={number === target}
                isMatch={number === match}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** The lines that are shown; long logs are gone through in steps, between which the page stays alive. */
function useShown(buffer: ShownLines["buffer"], question: ShownLines["question"], end: number): ShownLines {
  const lines = useMemo(() => new ShownLines(buffer, question), [buffer, question]);
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = () => {
      if (lines.step(end)) {
        timer = setTimeout(go, 0);
      }
      draw();
    };
    go();
    return () => clearTimeout(timer);
  }, [lines, end]);
  return lines;
}

/** The line of the address: `#L123`. */
function useTarget(): number | null {
  const found = /^#L(\d{1,9})$/.exec(useLocation().hash)?.[1];
  return found === undefined ? null : Number(found);
}

async function toggleFullScreen(frame: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement === null) {
    await frame?.requestFullscreen();
  } else {
    await document.exitFullscreen();
  }
}
