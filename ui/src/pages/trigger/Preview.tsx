import { yaml } from "../../actions/yaml";
import { Command } from "../../parts/Command";
import { useCopy } from "../../parts/useCopy";

type Props = {
  /** The manifest that the server would create; undefined until it has said. */
  manifest: { [name: string]: unknown } | undefined;
  command: string;
  /** Whether the manifest is that of what stands in the form now. */
  isCurrent: boolean;
};

/** The DagRun that would be created, and how to create it in a terminal. */
export function Preview({ manifest, command, isCurrent }: Props) {
  return (
    <aside className="stack card trigger-preview" aria-label="Preview">
      <div className="row trigger-preview-title">
        <h2>What would be created</h2>
        {manifest !== undefined && <CopyText text={yaml(manifest)} />}
      </div>
      {manifest === undefined ? (
        <p className="muted">The manifest shows here once the form is right.</p>
      ) : (
        // A box that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="trigger-yaml" data-current={isCurrent} tabIndex={0} role="region" aria-label="DagRun as YAML">
          {yaml(manifest)}
        </pre>
      )}
      <h3>The same in a terminal</h3>
      <Command line={command} />
      {manifest !== undefined && <p className="muted small">Or copy the YAML into a file, and: kubectl create -f run.yaml</p>}
    </aside>
  );
}

function CopyText({ text }: { text: string }) {
  const [told, copy] = useCopy(text, "Copy YAML");
  return (
    <button type="button" className="plain" aria-live="polite" onClick={() => void copy()}>
      {told}
    </button>
  );
}
