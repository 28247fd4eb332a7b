import { Link } from "react-router";
import type { ApprovalLine } from "../../api/schema";

/** Which task of which run asks. */
export function Asker({ approval }: { approval: ApprovalLine }) {
  const { namespace, dag, run, task, index } = approval;
  const place = index === null ? "" : `?index=${index}`;
  return (
    <span className="row asker">
      <Link to={`/runs/${namespace}/${run}/tasks/${task}${place}`} className="cut" title={task}>
        {task}
        {index !== null && `[${index}]`}
      </Link>
      <span className="muted">of</span>
      <Link to={`/runs/${namespace}/${run}`} className="cut" title={run}>
        {run}
      </Link>
      <span className="muted small cut" title={`${namespace}/${dag}`}>
        {namespace}/{dag}
      </span>
    </span>
  );
}
