import { useNavigate } from "react-router";
import { useShortcut } from "../../keys";
import { VIEWS } from "./view";

/** `1` to `7` switch between the views. */
export function ViewKeys({ ns, dag }: { ns: string; dag: string }) {
  return VIEWS.map(([view, label], place) => <ViewKey key={view} keys={String(place + 1)} label={label} to={`/dags/${ns}/${dag}/${view}`} />);
}

function ViewKey({ keys, label, to }: { keys: string; label: string; to: string }) {
  const navigate = useNavigate();
  useShortcut(keys, `Show: ${label.toLowerCase()}`, () => void navigate(to));
  return null;
}
