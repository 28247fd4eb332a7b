import { useState } from "react";

/** A text that is kept in its lines, with a button to copy it. */
export function Text({ label, text }: { label: string; text: string }) {
  const [told, setTold] = useState("Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied");
    } catch {
      setTold("Select the text and copy it: this browser does not let the page");
    }
    setTimeout(() => setTold("Copy"), 2500);
  }
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
        {text}
      </pre>
    </section>
  );
}
