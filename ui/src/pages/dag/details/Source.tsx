import { useCopy } from "../../../parts/useCopy";

/** Text to read, copy and take along. */
export function Source({ name, text }: { name: string; text: string }) {
  const [told, copy] = useCopy(text);

  function download() {
    const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: `${name}.yaml` });
    link.click();
    URL.revokeObjectURL(address);
  }

  return (
    <div className="stack">
      <div className="row">
        <button type="button" onClick={() => void copy()} aria-live="polite">
          {told}
        </button>
        <button type="button" onClick={download}>
          Download
        </button>
      </div>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="details-source" role="region" aria-label={`Source of ${name}`} tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}
