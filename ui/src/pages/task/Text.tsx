import { Said } from "../../parts/Said";
import { useCopy } from "../../parts/useCopy";

/** A text that is kept in its lines, with a button to copy it. */
export function Text({ label, text }: { label: string; text: string }) {
  const [told, copy] = useCopy(text);
  return (
    <section className="task-text" aria-label={label}>
      <header className="row">
        <h2>{label}</h2>
        <button type="button" className="plain" onClick={() => void copy()} aria-live="polite">
          {told}
        </button>
      </header>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={`${label}, text`}>
        <Said text={text} />
      </pre>
    </section>
  );
}
