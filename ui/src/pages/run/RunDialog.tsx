/** The dialogs of what can be done to a run and its tasks; loaded when one is opened. */
import { lazy, Suspense } from "react";

const ClearDialog = lazy(async () => ({ default: (await import("../../actions/ClearDialog")).ClearDialog }));
const MarkDialog = lazy(async () => ({ default: (await import("../../actions/MarkDialog")).MarkDialog }));
const CancelDialog = lazy(async () => ({ default: (await import("../../actions/CancelDialog")).CancelDialog }));

export type Asked = "clear" | "retry" | "mark" | "cancel";

export type RunDialogProps = { asked: Asked; ns: string; run: string; tasks?: readonly string[]; onClose: () => void };

export function RunDialog({ asked, ...props }: RunDialogProps) {
  return (
    <Suspense fallback={null}>
      {asked === "clear" && <ClearDialog {...props} />}
      {asked === "retry" && <ClearDialog {...props} onlyFailed />}
      {asked === "mark" && <MarkDialog {...props} />}
      {asked === "cancel" && <CancelDialog {...props} />}
    </Suspense>
  );
}
