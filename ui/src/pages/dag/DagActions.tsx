import { useRef, useState } from "react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { DagLine, Done } from "../../api/schema";
import { shellWord } from "../../format";
import { useShortcut } from "../../keys";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { useClosing } from "../../parts/Filters";
import { DeleteDagDialog } from "./DeleteDagDialog";

/** Pause or go on, trigger, delete. A Dag that is gone takes none of these. */
export function DagActions({ ns, dag }: { ns: string; dag: DagLine }) {
  const [asking, setAsking] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useClosing(menu);
  const isGone = dag.deletedAt !== null;
  const verb = dag.paused ? "Unpause" : "Pause";
  const pause = useAct<boolean, Done>({
    call: (paused) =>
      api.POST("/api/v1/namespaces/{namespace}/dags/{dag}/pause", { params: { path: { namespace: ns, dag: dag.name } }, body: { paused } }),
    done: (_, paused) => `${dag.name} is ${paused ? "paused" : "on"}`,
  });
  useShortcut("p", `${verb} the Dag`, () => setAsking(true), !isGone);
  const why = isGone ? "The Dag was deleted" : dag.ready === false ? `The Dag is not ready: ${dag.message ?? dag.reason ?? ""}` : undefined;
  return (
    <>
      <button type="button" disabled={isGone || pause.isPending} title={isGone ? why : undefined} onClick={() => setAsking(true)}>
        {verb}
      </button>
      {why === undefined ? (
        <Link className="button primary" to={`/dags/${ns}/${dag.name}/trigger`}>
          Trigger
        </Link>
      ) : (
        <button type="button" className="primary" disabled title={why}>
          Trigger
        </button>
      )}
      <details className="menu menu-right" ref={menu}>
        <summary className="button">More</summary>
        <div className="menu-box">
          <button
            type="button"
            className="plain"
            disabled={isGone}
            onClick={() => {
              menu.current?.removeAttribute("open");
              setDeleting(true);
            }}
          >
            Delete the Dag
          </button>
        </div>
      </details>
      {deleting && <DeleteDagDialog dag={dag} onClose={() => setDeleting(false)} />}
      {asking && (
        <Confirm
          title={`${verb} ${dag.name}`}
          verb={verb}
          busy={pause.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() => pause.mutate(!dag.paused, { onSettled: () => setAsking(false) })}
        >
          <p>
            {dag.paused
              ? "It makes runs again by its schedule, and its runs go on."
              : "It makes no new runs and starts no new tasks; Pods at work go on to their end."}
          </p>
          <Command line={`kubectl -n ${shellWord(ns)} patch dag ${shellWord(dag.name)} --type=merge -p '{"spec":{"paused":${!dag.paused}}}'`} />
        </Confirm>
      )}
    </>
  );
}
