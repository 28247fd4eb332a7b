/** What is known of the chosen cell, row or column, and what can be done about it. */
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import type { RunBar } from "../../../api/schema";
import { useShortcut } from "../../../keys";
import type { Layout } from "../grid/model";
import type { GridStore } from "../grid/store";
import { RunFacts } from "./RunFacts";
import { RowFacts } from "./RowFacts";
import { TaskFacts } from "./TaskFacts";
import type { Chosen } from "./chosen";

const ClearDialog = lazy(() => import("../../../actions/ClearDialog").then((found) => ({ default: found.ClearDialog })));
const MarkDialog = lazy(() => import("../../../actions/MarkDialog").then((found) => ({ default: found.MarkDialog })));
const CancelDialog = lazy(() => import("../../../actions/CancelDialog").then((found) => ({ default: found.CancelDialog })));

export type PanelProps = {
  ns: string;
  dag: string;
  chosen: Chosen;
  layout: Layout;
  store: GridStore;
  columns: readonly RunBar[];
  onChoose: (chosen: Chosen) => void;
};
type Asked = "clear" | "mark" | "cancel";

export function Panel({ ns, dag, chosen, layout, store, columns, onChoose }: PanelProps) {
  const about = `${chosen.run}/${chosen.group}/${chosen.task}/${chosen.index}`;
  // Another choice closes the dialog that was about the last one.
  const [question, setQuestion] = useState<{ asked: Asked | null; about: string }>({ asked: null, about });
  const asked = question.about === about ? question.asked : null;
  const setAsked = (next: Asked | null) => setQuestion({ asked: next, about });
  const close = () => onChoose({});
  useShortcut("Escape", "Close the side panel", close);
  const { run, task, group } = chosen;
  const place = layout.places.get(task ?? "");
  const isMapped = place !== undefined && layout.tasks[place]?.mapped === true;
  const title = task ?? group ?? run ?? "";
  const names = task !== undefined ? [task + (chosen.index === undefined ? "" : `[${chosen.index}]`)] : group !== undefined ? [group] : undefined;
  const shared = { ns, onClose: () => setAsked(null), ...(names && { tasks: names }) };
  return (
    <aside className="dag-panel" aria-label={`About ${title}`}>
      <div className="dag-panel-head">
        <div>
          <h2 className="cut" title={title}>
            {title}
          </h2>
          <p className="muted small">{wordsOf(chosen)}</p>
        </div>
        <button type="button" className="plain" aria-label="Close the side panel" onClick={close}>
          ✕
        </button>
      </div>
      {run !== undefined && (
        <Actions
          ns={ns}
          chosen={chosen}
          hasPage={group === undefined && !(isMapped && chosen.index === undefined)}
          isOver={["Success", "Failed"].includes(columns.find((each) => each.name === run)?.state ?? "")}
          onAsk={setAsked}
        />
      )}
      {run !== undefined && task !== undefined && place !== undefined && (
        <TaskFacts key={`${run}/${task}/${chosen.index}`} {...{ ns, dag, run, task, isMapped, onChoose }} index={chosen.index} />
      )}
      {run !== undefined && task === undefined && <RunFacts {...{ ns, dag, run, group, layout, store, onChoose }} />}
      {run === undefined && <RowFacts {...{ ns, layout, store, columns, onChoose }} task={task ?? ""} />}
      <Suspense fallback={null}>
        {asked === "clear" && run !== undefined && <ClearDialog run={run} {...shared} />}
        {asked === "mark" && run !== undefined && <MarkDialog run={run} {...shared} />}
        {asked === "cancel" && run !== undefined && <CancelDialog run={run} {...shared} />}
      </Suspense>
    </aside>
  );
}

function wordsOf({ run, task, group, index }: Chosen): string {
  if (run === undefined) {
    return "task, over the runs on show";
  }
  if (task === undefined) {
    return group === undefined ? "run" : `group of tasks, run ${run}`;
  }
  return index === undefined ? `task, run ${run}` : `instance ${index} of a mapped task, run ${run}`;
}

type ActionProps = { ns: string; chosen: Chosen; hasPage: boolean; isOver: boolean; onAsk: (asked: Asked) => void };

function Actions({ ns, chosen, hasPage, isOver, onAsk }: ActionProps) {
  const { run = "", task, group, index } = chosen;
  const inRun = `/runs/${ns}/${run}`;
  const page = task && `${inRun}/tasks/${task}`;
  const words = (tab?: string) => {
    const search = new URLSearchParams({ ...(index !== undefined && { index }), ...(tab !== undefined && { tab }) }).toString();
    return search === "" ? "" : `?${search}`;
  };
  useShortcut("c", "Clear what is chosen", () => onAsk("clear"));
  useShortcut("m", "Mark what is chosen", () => onAsk("mark"));
  return (
    <div className="row">
      {page !== undefined && hasPage && (
        <>
          <Link className="button" to={page + words("log")}>
            Log
          </Link>
          <Link className="button" to={page + words()}>
            Task page
          </Link>
        </>
      )}
      {task === undefined && group === undefined && (
        <Link className="button" to={inRun}>
          Run page
        </Link>
      )}
      <button type="button" onClick={() => onAsk("clear")}>
        Clear…
      </button>
      <button type="button" onClick={() => onAsk("mark")}>
        Mark…
      </button>
      {task === undefined && group === undefined && !isOver && (
        <button type="button" className="danger" onClick={() => onAsk("cancel")}>
          Cancel run…
        </button>
      )}
    </div>
  );
}
