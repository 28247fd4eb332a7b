/** Keyboard shortcuts: each is registered while the part that answers to it is on the page; `?` lists them. */
import { useEffect, useRef, useSyncExternalStore } from "react";

export type Shortcut = {
  /** Keys one after the other, such as "g d", "/" or "Escape". */
  keys: string;
  /** What it does, for the list. */
  does: string;
};

type Registered = Shortcut & { run: () => void };

const SEQUENCE_MS = 1200;

let registered: readonly Registered[] = [];
const watchers = new Set<() => void>();
let begun = "";
let begunAt = 0;

/** Answer to a shortcut as long as the component is mounted; the latest `run` is used. */
export function useShortcut(keys: string, does: string, run: () => void, enabled = true): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => (enabled ? register({ keys, does, run: () => latest.current() }) : undefined), [keys, does, enabled]);
}

/** All shortcuts of what is on the page. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(watch, () => registered);
}

/** Listen for shortcuts; the answer ends it. Typing in a field and an open dialog are left alone. */
export function listenForShortcuts(): () => void {
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

function register(shortcut: Registered): () => void {
  registered = [...registered, shortcut];
  tell();
  return () => {
    registered = registered.filter((each) => each !== shortcut);
    tell();
  };
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) {
    return;
  }
  const typed = event.timeStamp - begunAt < SEQUENCE_MS && begun !== "" ? `${begun} ${event.key}` : event.key;
  const found = registered.findLast((each) => each.keys === typed) ?? registered.findLast((each) => each.keys === event.key);
  if (found !== undefined) {
    begun = "";
    event.preventDefault();
    found.run();
    return;
  }
  begun = registered.some((each) => each.keys.startsWith(`${event.key} `)) ? event.key : "";
  begunAt = event.timeStamp;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function tell(): void {
  watchers.forEach((watcher) => watcher());
}
