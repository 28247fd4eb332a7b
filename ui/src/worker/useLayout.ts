import { useEffect, useState } from "react";
import type { Laid, LayoutInput } from "./layout";
import type { Question, Reply } from "./layout.worker";

type Answer = { laid: Laid | undefined; fault: string | undefined };

/** The last layouts stay: a revision never changes, so neither does what it looks like. */
const MOST_KEPT = 30;
const kept = new Map<string, Laid>();
const waiting = new Map<number, (reply: Reply) => void>();
let worker: Worker | undefined;
let asked = 0;

/** The layout of a graph, worked out beside the page; `key` names the graph with all that is folded or filtered. */
export function useLayoutOf(key: string, input: LayoutInput | undefined): Answer {
  const [answer, setAnswer] = useState<Answer & { key: string }>({ key: "", laid: undefined, fault: undefined });
  useEffect(() => {
    if (input === undefined || kept.has(key)) {
      return undefined;
    }
    let isLeft = false;
    ask(input, ({ laid, fault }) => {
      if (laid !== undefined) {
        keep(key, laid);
      }
      if (!isLeft) {
        setAnswer({ key, laid, fault });
      }
    });
    return () => {
      isLeft = true;
    };
  }, [key]); // oxlint-disable-line react/exhaustive-deps -- the key names the input
  const found = kept.get(key);
  if (found !== undefined) {
    return { laid: found, fault: undefined };
  }
  return answer.key === key ? answer : { laid: undefined, fault: undefined };
}

function ask(input: LayoutInput, done: (reply: Reply) => void): void {
  worker ??= begun();
  asked += 1;
  waiting.set(asked, done);
  // A worker of our own has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage({ id: asked, input } satisfies Question);
}

function begun(): Worker {
  const made = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  made.addEventListener("message", (event: MessageEvent<Reply>) => {
    waiting.get(event.data.id)?.(event.data);
    waiting.delete(event.data.id);
  });
  made.addEventListener("error", () => {
    waiting.forEach((done, id) => done({ id, fault: "The browser could not start the worker that lays the graph out" }));
    waiting.clear();
    worker = undefined;
  });
  return made;
}

function keep(key: string, laid: Laid): void {
  kept.set(key, laid);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) {
    kept.delete(oldest);
  }
}
