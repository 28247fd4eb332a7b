import { useState } from "react";
import { line } from "../../actions/commands";
import "../../actions/actions.css";
import { api } from "../../api/client";
import { useAct } from "../../api/hooks";
import type { BackfillDetail, Cancel, Done } from "../../api/schema";
import { count } from "../../format";
import { Command } from "../../parts/Command";
import { Confirm } from "../../parts/Dialog";
import { ProblemNote } from "../../parts/Problem";
import { PlanFigures } from "../backfills/PlanFigures";
import { workOf } from "../backfills/progress";

type Props = { backfill: BackfillDetail };
type DialogProps = Props & { onClose: () => void };

function placeOf({ namespace, name }: BackfillDetail) {
  return { path: { namespace, backfill: name } };
}

/** Let a backfill start nothing new, or go on. */
export function PauseButton({ backfill }: Props) {
  const act = useAct<boolean, Done>({
    call: (paused) =>
      api.POST("/api/v1/namespaces/{namespace}/backfills/{backfill}/pause", { params: placeOf(backfill), body: { paused, dryRun: false } }),
    done: (_, paused) => `Backfill ${backfill.name} ${paused ? "paused: runs at work go on" : "goes on"}`,
  });
  return (
    <button type="button" disabled={act.isPending} onClick={() => act.mutate(!backfill.paused)}>
      {backfill.paused ? "Resume" : "Pause"}
    </button>
  );
}

/** Let a planned backfill begin. */
export function ApproveDialog({ backfill, onClose }: DialogProps) {
  const act = useAct<void, Done>({
    call: () => api.POST("/api/v1/namespaces/{namespace}/backfills/{backfill}/approve", { params: placeOf(backfill), body: { dryRun: false } }),
    done: () => `Backfill ${backfill.name} approved`,
    quiet: true,
  });
  const runs = workOf(backfill.plan);
  return (
    <Confirm title={`Approve ${backfill.name}`} verb="Approve" busy={act.isPending} onConfirm={() => act.mutate(undefined, { onSuccess: onClose })} onClose={onClose}>
      <p>
        {backfill.plannedAt === null ? "It begins as soon as it is planned." : `It begins at once: ${count(runs, "run")}, ${backfill.maxActiveRuns} at once at most.`}
      </p>
      {backfill.plannedAt !== null && <PlanFigures plan={backfill.plan} />}
      <ProblemNote error={act.error} />
      <Command line={line("slipway", "backfill", "approve", "-n", backfill.namespace, backfill.name)} />
    </Confirm>
  );
}

const MODES: readonly (readonly [Cancel, string, string])[] = [
  ["graceful", "Gracefully", "runs that have begun go on to their end; the others are cancelled."],
  ["force", "By force", "runs that have begun are ended as well."],
];

/** End a backfill before its time. */
export function CancelBackfillDialog({ backfill, onClose }: DialogProps) {
  const [mode, setMode] = useState<Cancel>("graceful");
  const act = useAct<Cancel, Done>({
    call: (asked) =>
      api.POST("/api/v1/namespaces/{namespace}/backfills/{backfill}/cancel", { params: placeOf(backfill), body: { mode: asked, dryRun: false } }),
    done: () => `Backfill ${backfill.name} is being cancelled`,
    quiet: true,
  });
  const isSame = backfill.cancel === mode || backfill.cancel === "force";
  return (
    <Confirm
      title={`Cancel ${backfill.name}`}
      verb="End the backfill"
      danger
      busy={act.isPending}
      disabled={isSame}
      onConfirm={() => act.mutate(mode, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className="muted">It starts nothing more, and can't be taken up again.</p>
      <div className="stack" role="radiogroup" aria-label="How">
        {MODES.map(([value, words, meaning]) => (
          <label key={value} className="menu-item">
            <input type="radio" name="mode" checked={mode === value} onChange={() => setMode(value)} />
            {words}: <span className="muted">{meaning}</span>
          </label>
        ))}
      </div>
      {isSame && <p className="note">It is being cancelled so already.</p>}
      <ProblemNote error={act.error} />
      <Command line={cancelCommand(backfill, mode)} />
    </Confirm>
  );
}

function cancelCommand({ namespace, name }: BackfillDetail, mode: Cancel): string {
  const patch = JSON.stringify({ spec: { cancel: mode } });
  return line("kubectl", "-n", namespace, "patch", "backfills.slipway.dev", name, "--type", "merge", "-p", patch);
}
