import { useEffect, useId, useRef, type ReactNode } from "react";

export type DialogProps = {
  title: string;
  /** Called by Escape, by the cross, and by a click beside it. */
  onClose: () => void;
  children: ReactNode;
  /** Buttons. */
  footer?: ReactNode;
  size?: "small" | "medium" | "large";
};

/** A modal dialog; mount it to open it. Focus goes in, stays in, and goes back; mark the first with `data-first-focus`. */
export function Dialog({ title, onClose, children, footer, size = "medium" }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    opened?.showModal();
    opened?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => {
      opened?.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);

  return (
    // A click on the backdrop reaches the dialog itself; by keyboard, Escape does the same.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className="dialog"
      data-size={size}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) {
          onClose();
        }
      }}
    >
      <div className="dialog-box">
        <header className="dialog-header">
          <h2 id={heading}>{title}</h2>
          <button type="button" className="plain" onClick={onClose} aria-label="Close">
            ✕
          </button>
        </header>
        <div className="dialog-body">{children}</div>
        {footer !== undefined && <footer className="dialog-footer">{footer}</footer>}
      </div>
    </dialog>
  );
}

export type ConfirmProps = Omit<DialogProps, "footer"> & {
  /** The word on the button that does it. */
  verb: string;
  onConfirm: () => void;
  busy?: boolean;
  disabled?: boolean;
  danger?: boolean;
};

/** A question before something is done; Cancel has the first focus. */
export function Confirm({ verb, onConfirm, busy = false, disabled = false, danger = false, ...dialog }: ConfirmProps) {
  return (
    <Dialog
      {...dialog}
      footer={
        <>
          <button type="button" data-first-focus onClick={dialog.onClose}>
            Cancel
          </button>
          <button type="button" className={danger ? "danger" : "primary"} disabled={busy || disabled} onClick={onConfirm}>
            {busy ? "Working…" : verb}
          </button>
        </>
      }
    />
  );
}
