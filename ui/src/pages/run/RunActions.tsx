/** What can be done to a run; those who may not are told so by the API. */
import { useRef, useState } from "react";
import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { Done, RunDetail } from "../../api/schema";
import { useClosing } from "../../parts/Filters";
import { DeleteDialog } from "./DeleteDialog";
import { RetriggerDialog } from "./RetriggerDialog";
import type { Asked } from "./RunDialog";

export function RunActions({ run, ask }: { run: RunDetail; ask: (asked: Asked) => void }) {
  const [own, setOwn] = useState<"delete" | "trigger" | null>(null);
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);
  const pause = useAct<boolean, Done>({
    call: (paused) =>
      api.POST("/api/v1/namespaces/{namespace}/runs/{run}/pause", {
        params: { path: { namespace: run.namespace, run: run.name } },
        body: { paused },
      }),
    done: (_, paused) => (paused ? `${run.name} paused: it starts no more tasks` : `${run.name} goes on`),
  });
  const isGone = run.deletedAt !== null;
  const isOver = run.state === "Success" || run.state === "Failed";
  const hasFailed = run.failedTasks.length > 0 || (run.counts["Failed"] ?? 0) > 0;

  function chosen(what: () => void) {
    if (menu.current !== null) {
      menu.current.open = false;
    }
    what();
  }

  return (
    <>
      <button type="button" disabled={isGone || !hasFailed} onClick={() => ask("retry")} title={hasFailed ? undefined : "Nothing has failed"}>
        Retry failed
      </button>
      <button type="button" disabled={isGone} onClick={() => ask("clear")}>
        Clear
      </button>
      <button type="button" disabled={isGone} onClick={() => ask("mark")}>
        Mark
      </button>
      {!isOver && (
        <>
          <button type="button" disabled={isGone || pause.isPending} onClick={() => pause.mutate(!run.paused)}>
            {run.paused ? "Resume" : "Pause"}
          </button>
          <button type="button" className="danger" disabled={isGone} onClick={() => ask("cancel")}>
            Cancel run
          </button>
        </>
      )}
      <details className="menu menu-right" ref={menu}>
        <summary className="button">More</summary>
        <div className="menu-box">
          <button type="button" className="plain" onClick={() => chosen(() => setOwn("trigger"))}>
            Trigger again with the same params
          </button>
          <button type="button" className="plain" disabled={isGone} onClick={() => chosen(() => setOwn("delete"))}>
            Delete the run
          </button>
        </div>
      </details>
      {own === "trigger" && <RetriggerDialog run={run} onClose={() => setOwn(null)} />}
      {own === "delete" && <DeleteDialog run={run} onClose={() => setOwn(null)} />}
    </>
  );
}
