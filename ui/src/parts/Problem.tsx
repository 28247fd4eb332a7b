import { asProblem } from "../api/problem";

export type ProblemNoteProps = {
  /** Whatever was thrown; null shows nothing. */
  error: unknown;
  /** Ask again. */
  retry?: () => void;
  /** Shown above data that are kept: says that they are the last known. */
  keepsData?: boolean;
};

/** Why something did not work, what to do about it, and the id under which the server's log has it. */
export function ProblemNote({ error, retry, keepsData = false }: ProblemNoteProps) {
  if (error === null || error === undefined) {
    return null;
  }
  const { body } = asProblem(error);
  return (
    <div className="problem" role="alert">
      <p className="problem-title">{body.title}</p>
      <p>{body.detail}</p>
      {body.errors !== undefined && body.errors.length > 1 && (
        <ul>
          {body.errors.map((fault) => (
            <li key={fault.pointer + fault.message}>
              <code>{fault.pointer}</code> {fault.message}
            </li>
          ))}
        </ul>
      )}
      {body.wayOn && <p className="problem-way-on">{body.wayOn}</p>}
      {keepsData && <p>What is shown below is the last that was known.</p>}
      <div className="row">
        {retry && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {body.requestId && (
          <span className="muted small">
            Request <code>{body.requestId}</code>
          </span>
        )}
      </div>
    </div>
  );
}
