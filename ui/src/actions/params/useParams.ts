import { useMemo, useState } from "react";
import type { ParamField } from "./fields";
import { byName, draftsOf, readDrafts, readJson, withDefaults, withoutDefaults, type Drafts, type Faults, type Values } from "./values";

export type Mode = "form" | "json";

/** The state of a form of params. */
export type ParamsState = {
  fields: readonly ParamField[];
  mode: Mode;
  /** False when the text can't be shown in fields. */
  setMode: (mode: Mode) => boolean;
  drafts: Drafts;
  setDraft: (name: string, draft: string) => void;
  raw: string;
  setRaw: (raw: string) => void;
  /** Fill everything in anew, such as with an earlier run's values. */
  fill: (values: Values) => void;
  /** What would be sent: only what differs from the defaults. */
  values: Values;
  faults: Faults;
  rawFault: string | undefined;
  isValid: boolean;
};

export function useParamsForm(fields: readonly ParamField[]): ParamsState {
  const [mode, setMode] = useState<Mode>("form");
  // Only what the reader has touched: another revision's defaults show by themselves.
  const [touched, setTouched] = useState<Drafts>({});
  const [raw, setRaw] = useState("");
  const drafts = useMemo(() => ({ ...draftsOf(fields), ...touched }), [fields, touched]);
  const read = useMemo(() => readDrafts(fields, drafts), [fields, drafts]);
  const written = useMemo(() => readJson(raw), [raw]);

  function fill(values: Values) {
    setTouched(draftsOf(fields, values));
    setRaw(JSON.stringify(withDefaults(fields, values), null, 2));
  }

  function change(next: Mode): boolean {
    if (next === mode) {
      return true;
    }
    if (next === "json") {
      setRaw(JSON.stringify(withDefaults(fields, read.values), null, 2));
    } else {
      const known = new Set(fields.map((field) => field.name));
      if (written.fault !== undefined || Object.keys(written.values).some((name) => !known.has(name))) {
        return false;
      }
      setTouched(draftsOf(fields, written.values));
    }
    setMode(next);
    return true;
  }

  const isRaw = mode === "json";
  return {
    fields,
    mode,
    setMode: change,
    drafts,
    setDraft: (name, draft) => setTouched((before) => ({ ...before, [name]: draft })),
    raw,
    setRaw,
    fill,
    values: isRaw ? withoutDefaults(fields, written.values) : read.values,
    faults: isRaw ? byName() : read.faults,
    rawFault: isRaw ? written.fault : undefined,
    isValid: isRaw ? written.fault === undefined : Object.keys(read.faults).length === 0,
  };
}
