import { useState, type ReactNode } from "react";
import type { Problem } from "../../api/problem";
import { Field } from "../../parts/Field";
import { ParamInput } from "./ParamInput";
import "./params.css";
import type { ParamsState } from "./useParams";

type Props = {
  params: ParamsState;
  /** What the server says of what was sent. */
  problem: Problem | null;
  /** Beside the choice of form or JSON. */
  beside?: ReactNode;
};

/** A Dag's params as a form by their schemas, or as JSON. */
export function ParamsForm({ params, problem, beside }: Props) {
  const [stuck, setStuck] = useState(false);
  const isRaw = params.mode === "json";
  return (
    <section className="stack" aria-label="Params">
      <div className="row">
        <h2>Params</h2>
        {params.fields.length > 0 && (
          <div className="params-modes" role="group" aria-label="Write the params as">
            <button type="button" aria-pressed={!isRaw} onClick={() => setStuck(!params.setMode("form"))}>
              Form
            </button>
            <button type="button" aria-pressed={isRaw} onClick={() => setStuck(!params.setMode("json"))}>
              JSON
            </button>
          </div>
        )}
        {beside}
      </div>
      {stuck && isRaw && (
        <p className="field-error" role="alert">
          The form can only show JSON that is right and names just the Dag's params: {names(params)}.
        </p>
      )}
      {params.fields.length === 0 && <p className="muted">The Dag takes no params.</p>}
      {isRaw ? (
        <div className="params-raw">
          <Field label="Values as one JSON object" error={params.rawFault ?? rawProblem(problem)} hint="What is left out takes its default.">
            {(attributes) => (
              <textarea
                {...attributes}
                className="mono"
                spellCheck={false}
                rows={Math.min(24, Math.max(8, params.raw.split("\n").length + 1))}
                value={params.raw}
                onChange={(event) => params.setRaw(event.target.value)}
              />
            )}
          </Field>
        </div>
      ) : (
        <div className="params">
          {params.fields.map((field) => (
            <ParamInput
              key={field.name}
              field={field}
              draft={params.drafts[field.name] ?? ""}
              fault={params.faults[field.name] ?? aboutParam(problem, field.name)}
              onChange={(draft) => params.setDraft(field.name, draft)}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function names(params: ParamsState): string {
  return params.fields.map((field) => field.name).join(", ");
}

/** What the server says about one param, or about something within it. */
export function aboutParam(problem: Problem | null, name: string): string | undefined {
  const pointer = `/params/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return problem?.body.errors?.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.message;
}

function rawProblem(problem: Problem | null): string | undefined {
  const about = (pointer: string) => pointer === "/params" || pointer.startsWith("/params/");
  return problem?.body.errors?.filter((fault) => about(fault.pointer)).map((fault) => fault.message).join("; ") || undefined;
}
