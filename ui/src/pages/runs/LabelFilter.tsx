import { useState } from "react";
import { labelOf } from "./shape";

/** Labels that all must fit: one is typed and added, each is taken away by a click. */
export function LabelFilter({ values, onChange }: { values: readonly string[]; onChange: (values: readonly string[]) => void }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);

  function add() {
    if (typed.trim() === "") {
      return;
    }
    const label = labelOf(typed);
    setWrong(label === null);
    if (label !== null) {
      onChange([...new Set([...values, label])]);
      setTyped("");
    }
  }

  return (
    <span className="row">
      {values.map((label) => (
        <button
          key={label}
          type="button"
          className="tag cut runs-label"
          title={`No longer only runs with ${label}`}
          aria-label={`No longer only runs with label ${label}`}
          onClick={() => onChange(values.filter((each) => each !== label))}
        >
          {label} ✕
        </button>
      ))}
      <span className="runs-time">
        <input
          type="text"
          className="filter-text"
          aria-label="Label, key=value"
          aria-invalid={wrong}
          placeholder="Label: key=value"
          value={typed}
          maxLength={400}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={add}
          onKeyDown={(event) => event.key === "Enter" && add()}
        />
        <span role="status" className="small runs-wrong">
          {wrong && "Write key=value, such as team=data"}
        </span>
      </span>
    </span>
  );
}
