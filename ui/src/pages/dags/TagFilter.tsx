import { useRef, useState, type KeyboardEvent } from "react";
import type { DagLine } from "../../api/schema";
import { useClosing } from "../../parts/Filters";
import { Said } from "../../parts/Said";

type Props = { values: readonly string[]; dags: readonly DagLine[]; onChange: (tags: readonly string[]) => void };

/** Tags to choose: those of the Dags in sight, and any other by its name. */
export function TagFilter({ values, dags, onChange }: Props) {
  const box = useRef<HTMLDetailsElement>(null);
  const [typed, setTyped] = useState("");
  useClosing(box);
  const tags = [...new Set([...values, ...dags.flatMap((dag) => dag.tags)])].toSorted();
  const told = values.length === 0 ? "any" : values.join(" or ");

  function add(event: KeyboardEvent) {
    const tag = typed.trim();
    if (event.key === "Enter" && tag !== "") {
      onChange(values.includes(tag) ? values : [...values, tag]);
      setTyped("");
    }
  }

  return (
    <details className="menu" ref={box}>
      <summary className="button">
        <span className="cut">Tag: <Said text={told} /></span>
      </summary>
      <div className="menu-box">
        <input
          aria-label="A tag by its name, then Enter"
          placeholder="A tag, then Enter"
          value={typed}
          maxLength={63}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={add}
        />
        {tags.map((tag) => (
          <label key={tag} className="menu-item">
            <input
              type="checkbox"
              checked={values.includes(tag)}
              onChange={(event) => onChange(event.target.checked ? [...values, tag] : values.filter((each) => each !== tag))}
            />
            <span className="cut"><Said text={tag} /></span>
          </label>
        ))}
      </div>
    </details>
  );
}
