import { useId, type ReactNode } from "react";

export type FieldProps = {
  label: string;
  /** The input; it gets the id and the descriptions. */
  children: (attributes: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
  hint?: ReactNode;
  /** What is wrong with what was entered, in one sentence. */
  error?: string | undefined;
};

/** One field of a form: its label, its input, and what is wrong with it beside it. */
export function Field({ label, children, hint, error }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": `${id}-more`, "aria-invalid": error !== undefined })}
      <div id={`${id}-more`} className="small">
        {error !== undefined && <p className="field-error">{error}</p>}
        {hint !== undefined && <div className="muted">{hint}</div>}
      </div>
    </div>
  );
}
