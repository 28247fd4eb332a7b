import { useId, useState } from "react";
import { dateTime } from "../../format";
import { useZone } from "../../zone";
import { typedTime } from "./times";

type Props = { label: string; value: string | undefined; onChange: (value: string | undefined) => void };

/** A time that is typed; what can't be read is said beside it. */
export function TimeFilter({ label, value, onChange }: Props) {
  const zone = useZone();
  const hint = useId();
  const shown = value === undefined ? "" : dateTime(value, zone).replace(/ 00:00:00$/, "");
  const [typed, setTyped] = useState(shown);
  const [wrong, setWrong] = useState(false);
  const [last, setLast] = useState(shown);
  if (last !== shown) {
    // The address, or the zone, was changed.
    setLast(shown);
    setTyped(shown);
    setWrong(false);
  }

  function read() {
    if (typed === shown) {
      return;
    }
    const found = typed.trim() === "" ? undefined : typedTime(typed, zone, Date.now());
    setWrong(found === null);
    if (found !== null) {
      onChange(found);
    }
  }

  return (
    <span className="runs-time">
      <input
        type="text"
        className="filter-text"
        aria-label={label}
        aria-invalid={wrong}
        aria-describedby={hint}
        placeholder={`${label}: 2026-11-23 06:00`}
        title="A day, a day with a time, or an age such as 24h or 7d"
        value={typed}
        maxLength={40}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={read}
        onKeyDown={(event) => event.key === "Enter" && read()}
      />
      <span id={hint} role="status" className="small runs-wrong">
        {wrong && "Write a day, such as 2026-11-23 or 2026-11-23 06:30, or an age, such as 24h"}
      </span>
    </span>
  );
}
