import type { RunBar } from "../../api/schema";
import { dateTime } from "../../format";
import { lookOf } from "../../parts/State";
import { useZone } from "../../zone";

type Props = { runs: readonly RunBar[]; value: string | undefined; onChange: (run: string) => void };

/** Which run's states are shown. One that is too old for the list is offered by its name. */
export function RunPicker({ runs, value, onChange }: Props) {
  const zone = useZone();
  const isListed = runs.some((run) => run.name === value);
  return (
    <select aria-label="Run" className="filter-choice" value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
      {value !== undefined && !isListed && <option value={value}>{value}</option>}
      {runs.map((run, place) => (
        <option key={run.uid} value={run.name}>
          {dateTime(run.orderedAt, zone).slice(0, 16)} {lookOf(run.state).word}
          {place === 0 ? " (newest)" : ""}
        </option>
      ))}
    </select>
  );
}
