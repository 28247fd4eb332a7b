/** Inputs for filters; what they hold lies in the address (useFilters.ts). */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { useShortcut } from "../keys";
import { Glyph, lookOf } from "./State";

const TYPING_MS = 250;

/** The filters of a list in one line, and a button to clear them. */
export function FilterBar({ children, clear, isActive }: { children: ReactNode; clear: () => void; isActive: boolean }) {
  return (
    <search className="filters" aria-label="Filters">
      {children}
      {isActive && (
        <button type="button" className="plain" onClick={clear}>
          Clear filters
        </button>
      )}
    </search>
  );
}

type TextProps = { label: string; value: string | undefined; onChange: (value: string) => void };

/** A text to look for, told when typing pauses; `/` goes to it. */
export function SearchFilter({ label, value, onChange }: TextProps) {
  const input = useRef<HTMLInputElement>(null);
  useShortcut("/", `Go to: ${label.toLowerCase()}`, () => input.current?.focus());
  return <Typed {...{ label, value, onChange }} type="search" input={input} />;
}

/** A text that must fit whole, such as an owner's name. */
export function TextFilter(props: TextProps) {
  return <Typed {...props} type="text" />;
}

function Typed({ label, value, onChange, type, input }: TextProps & { type: string; input?: React.Ref<HTMLInputElement> }) {
  const [typed, setTyped] = useState(value ?? "");
  const told = useRef(value ?? "");
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    // The address was changed by somebody else: the back button, a link, "Clear filters".
    if ((value ?? "") !== told.current) {
      told.current = value ?? "";
      setTyped(value ?? "");
    }
  }, [value]);
  useEffect(() => {
    if (typed === told.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      told.current = typed;
      tell.current(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      ref={input}
      type={type}
      className="filter-text"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={253}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

export type Option = { value: string; label?: string };

/** One of several; the first entry, with an empty value, is "any". */
export function ChoiceFilter(props: { label: string; value: string | undefined; options: readonly Option[]; onChange: (value: string) => void }) {
  const { label, value, options, onChange } = props;
  return (
    <select aria-label={label} className="filter-choice" value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
      <option value="">{label}: any</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {label}: {option.label ?? option.value}
        </option>
      ))}
    </select>
  );
}

/** Yes, no or any. */
export function FlagFilter(props: { label: string; value: boolean | undefined; onChange: (value: boolean | undefined) => void; yes?: string; no?: string }) {
  const { label, value, onChange, yes = "yes", no = "no" } = props;
  const options = [
    { value: "true", label: yes },
    { value: "false", label: no },
  ];
  return (
    <ChoiceFilter
      {...{ label, options }}
      value={value?.toString()}
      onChange={(chosen) => onChange(chosen === "" ? undefined : chosen === "true")}
    />
  );
}

type ManyProps = { label: string; values: readonly string[]; options: readonly Option[]; onChange: (values: readonly string[]) => void };

/** Any of several, in a small menu of checkboxes. */
export function ManyFilter({ label, values, options, onChange }: ManyProps) {
  const name = useId();
  const box = useRef<HTMLDetailsElement>(null);
  useClosing(box);
  const told = values.length === 0 ? "any" : values.length === 1 ? labelOf(values[0] ?? "", options) : `${values.length} chosen`;
  return (
    <details className="menu" ref={box}>
      <summary className="button">
        {label}: {told}
      </summary>
      <fieldset className="menu-box">
        <legend className="hidden-visually">{label}</legend>
        {options.length === 0 && <p className="muted">There is nothing to choose from.</p>}
        {options.map((option) => (
          <label key={option.value} className="menu-item">
            <input
              type="checkbox"
              name={name}
              checked={values.includes(option.value)}
              onChange={(event) =>
                onChange(event.target.checked ? [...values, option.value] : values.filter((each) => each !== option.value))
              }
            />
            <span className="cut" title={labelOf(option.value, options)}>
              {labelOf(option.value, options)}
            </span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}

/** States to choose from, each with its glyph and colour. */
export function StateFilter(props: { label?: string; values: readonly string[]; states: readonly string[]; onChange: (values: readonly string[]) => void }) {
  const { label = "State", values, states, onChange } = props;
  return (
    <fieldset className="state-filter">
      <legend className="hidden-visually">{label}</legend>
      {states.map((state) => {
        const look = lookOf(state);
        const chosen = values.includes(state);
        return (
          <button
            key={state}
            type="button"
            className="chip"
            data-family={look.family}
            aria-pressed={chosen}
            onClick={() => onChange(chosen ? values.filter((each) => each !== state) : [...values, state])}
          >
            <Glyph state={state} />
            {look.word}
          </button>
        );
      })}
    </fieldset>
  );
}

/** Close a menu by Escape and by a click beside it. */
export function useClosing(box: React.RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const click = (event: Event) => {
      if (box.current !== null && !box.current.contains(event.target as Node)) {
        box.current.open = false;
      }
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape" && box.current?.open) {
        box.current.open = false;
        box.current.querySelector("summary")?.focus();
      }
    };
    document.addEventListener("pointerdown", click);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", click);
      document.removeEventListener("keydown", key);
    };
  }, [box]);
}

function labelOf(value: string, options: readonly Option[]): string {
  return options.find((option) => option.value === value)?.label ?? value;
}
