import type { Range } from "./range";

/** The other runs of the Dag that the same is to happen to. */
export function RangeFields({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  return (
    <fieldset className="scope">
      <legend className="hidden-visually">In which runs</legend>
      <div className="row">
        <label className="menu-item" title="Runs of the Dag that are about earlier times">
          <input type="checkbox" checked={range.past} onChange={(event) => onChange({ ...range, past: event.target.checked })} />
          also in all earlier runs
        </label>
        <label className="menu-item" title="Runs of the Dag that are about later times">
          <input type="checkbox" checked={range.future} onChange={(event) => onChange({ ...range, future: event.target.checked })} />
          also in all later runs
        </label>
      </div>
    </fieldset>
  );
}
