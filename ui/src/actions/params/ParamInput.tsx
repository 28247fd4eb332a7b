import { useId } from "react";
import { Field } from "../../parts/Field";
import { Said } from "../../parts/Said";
import type { Json, ParamField } from "./fields";

type Props = { field: ParamField; draft: string; fault: string | undefined; onChange: (draft: string) => void };
type Attributes = { id: string; "aria-describedby": string; "aria-invalid": boolean };

/** The field of one param: its input by its schema, what it is for, and what is wrong with it. */
export function ParamInput({ field, draft, fault, onChange }: Props) {
  if (field.kind === "choices") {
    return <Choices {...{ field, draft, fault, onChange }} />;
  }
  return (
    <Field label={field.isRequired ? `${field.title} (required)` : field.title} error={fault} hint={<Hint field={field} />}>
      {(attributes) => inputOf(field, draft, onChange, attributes)}
    </Field>
  );
}

function inputOf(field: ParamField, draft: string, onChange: (draft: string) => void, attributes: Attributes) {
  const common = { ...attributes, value: draft, "aria-required": field.isRequired };
  const typed = (event: { target: { value: string } }) => onChange(event.target.value);
  switch (field.kind) {
    case "choice":
    case "boolean":
      return (
        <select {...common} onChange={typed}>
          {(draft === "" || field.isNullable) && <option value="">{field.isNullable ? "none" : "Choose…"}</option>}
          {optionsOf(field).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      );
    case "longtext":
    case "lines":
    case "json":
      return (
        <textarea {...common} className="mono" spellCheck={false} rows={Math.min(16, Math.max(3, draft.split("\n").length + 1))} onChange={typed} />
      );
    case "date":
      return <input {...common} type="date" onChange={typed} />;
    case "integer":
    case "number":
      return <input {...common} type="text" inputMode={field.kind === "integer" ? "numeric" : "decimal"} placeholder={placeholderOf(field)} onChange={typed} />;
    default:
      return (
        <>
          <input {...common} type="text" placeholder={placeholderOf(field)} list={field.examples.length > 0 ? `${attributes.id}-examples` : undefined} onChange={typed} />
          <Examples id={`${attributes.id}-examples`} examples={field.examples} />
        </>
      );
  }
}

function Examples({ id, examples }: { id: string; examples: readonly string[] }) {
  if (examples.length === 0) {
    return null;
  }
  return (
    <datalist id={id}>
      {examples.map((example) => (
        <option key={example} value={example}>
          {example}
        </option>
      ))}
    </datalist>
  );
}

function Choices({ field, draft, fault, onChange }: Props) {
  const name = useId();
  const chosen = draft === "" ? [] : draft.split(",");
  const toggle = (place: string) => {
    const next = chosen.includes(place) ? chosen.filter((each) => each !== place) : [...chosen, place];
    onChange(next.toSorted((a, b) => Number(a) - Number(b)).join(","));
  };
  return (
    <fieldset className="field param-choices" aria-describedby={`${name}-more`}>
      <legend>{field.title}</legend>
      <div className="row">
        {optionsOf(field).map(([place, label]) => (
          <label key={place} className="menu-item">
            <input type="checkbox" name={name} checked={chosen.includes(place)} onChange={() => toggle(place)} />
            {label}
          </label>
        ))}
      </div>
      <div id={`${name}-more`} className="small">
        {fault !== undefined && <p className="field-error">{fault}</p>}
        <Hint field={field} />
      </div>
    </fieldset>
  );
}

function Hint({ field }: { field: ParamField }) {
  const told = [
    field.limits,
    field.kind === "lines" ? "one text a line" : "",
    field.kind === "json" ? "as JSON" : "",
    field.byDefault === undefined ? "" : `default ${shown(field.byDefault)}`,
  ].filter((each) => each !== "");
  return (
    <div className="muted param-hint">
      {field.description !== "" && <p><Said text={field.description} /></p>}
      <p>
        <code>{field.name}</code>
        {told.length > 0 && <span> · <Said text={told.join(" · ")} /></span>}
      </p>
    </div>
  );
}

function optionsOf(field: ParamField): readonly (readonly [string, string])[] {
  if (field.kind === "boolean") {
    return [["true", "yes"], ["false", "no"]];
  }
  return field.options.map((option, place) => [String(place), shown(option)] as const);
}

function placeholderOf(field: ParamField): string | undefined {
  return field.byDefault === undefined || field.byDefault === null ? undefined : shown(field.byDefault);
}

function shown(value: Json): string {
  const text = typeof value === "string" && value !== "" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
