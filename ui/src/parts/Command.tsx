import { useCopy } from "./useCopy";

export type CommandProps = {
  /** The whole line to copy, such as `kubectl -n team get dags`. */
  line: string;
  /** What it does, for screen readers; "The same in a terminal" by default. */
  label?: string;
};

/** The command line that shows or does the same, with a button to copy it. */
export function Command({ line, label = "The same in a terminal" }: CommandProps) {
  const [told, copy] = useCopy(line);

  return (
    <div className="command" role="group" aria-label={label}>
      <code className="cut" title={line}>
        {line}
      </code>
      <button type="button" className="plain" onClick={() => void copy()} aria-live="polite">
        {told}
      </button>
    </div>
  );
}
