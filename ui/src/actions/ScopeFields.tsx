import type { Scope } from "./commands";
import { gathered } from "./instances";

type Flag = "upstream" | "downstream" | "onlyFailed";

type Props = {
  /** Those that the dialog was opened for; none = only the whole run can be chosen. */
  tasks: readonly string[];
  scope: Scope;
  flags: readonly (readonly [Flag, string])[];
  onChange: (scope: Scope) => void;
};

/** The tasks that something is to happen to. */
export function ScopeFields({ tasks, scope, flags, onChange }: Props) {
  const isWhole = scope.tasks.length === 0;
  // Before and behind the whole run there is nothing.
  const shown = tasks.length === 0 ? flags.filter(([flag]) => flag === "onlyFailed") : flags;
  if (tasks.length === 0 && shown.length === 0) {
    return null;
  }
  return (
    <fieldset className="scope">
      <legend className="hidden-visually">Which tasks</legend>
      {tasks.length > 0 && (
        <div className="row" role="radiogroup" aria-label="Start from">
          <label className="menu-item">
            <input type="radio" name="scope" checked={!isWhole} onChange={() => onChange({ ...scope, tasks })} />
            <span className="cut scope-tasks" title={tasks.join(", ")}>
              {nameOf(tasks)}
            </span>
          </label>
          <label className="menu-item">
            <input type="radio" name="scope" checked={isWhole} onChange={() => onChange({ ...scope, tasks: [] })} />
            The whole run
          </label>
        </div>
      )}
      <div className="row">
        {shown.map(([flag, words]) => {
          const pointless = isWhole && flag !== "onlyFailed";
          return (
            <label key={flag} className="menu-item" title={pointless ? "The whole run has them already" : undefined}>
              <input
                type="checkbox"
                checked={scope[flag] && !pointless}
                disabled={pointless}
                onChange={(event) => onChange({ ...scope, [flag]: event.target.checked })}
              />
              {words}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** `task load`, `load [0–4]`, `3 tasks`. */
function nameOf(tasks: readonly string[]): string {
  const told = gathered(tasks);
  const [first] = told;
  if (told.length === 1 && first !== undefined) {
    return first.indices === "" ? `Task ${first.task}` : `Task ${first.task} [${first.indices}]`;
  }
  return `${told.length} tasks that are chosen`;
}

/** What is sent: before and behind the whole run there is nothing. */
export function sent({ tasks, upstream, downstream }: Scope) {
  const isWhole = tasks.length === 0;
  return { tasks: [...tasks], upstream: upstream && !isWhole, downstream: downstream && !isWhole };
}
