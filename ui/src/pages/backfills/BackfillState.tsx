import type { BackfillLine } from "../../api/schema";
import { State } from "../../parts/State";

type Shown = Pick<BackfillLine, "state" | "paused" | "approved" | "cancel" | "reason" | "message">;

/** Where a backfill stands: what holds it up comes before its state. */
export function BackfillState({ backfill, badge = false }: { backfill: Shown; badge?: boolean }) {
  const { state, word } = lookOfBackfill(backfill);
  return <State value={state} badge={badge} {...(word !== undefined && { word })} {...(backfill.message !== null && { title: backfill.message })} />;
}

export function lookOfBackfill(backfill: Shown): { state: string; word?: string } {
  if (isOver(backfill)) {
    return backfill.cancel === null ? { state: backfill.state } : { state: "Cancelled" };
  }
  if (backfill.cancel !== null) {
    return { state: "Cancelled", word: "being cancelled" };
  }
  if (backfill.state === "Planned" && !backfill.approved) {
    return { state: "Pending", word: "waits for approval" };
  }
  return backfill.paused ? { state: "Paused" } : { state: backfill.state };
}

export function isOver({ state }: Pick<BackfillLine, "state">): boolean {
  return state === "Success" || state === "Failed";
}
