"""A TaskRun without a Pod -> what it sees beyond its own run, and what it is asked again for.

every kind, before it begins    whether its run or Dag is paused       its Dag
httpSensor, resourceSensor      what the last look has seen            (the next look)
dagSensor                       another Dag's runs about the time      that Dag, its runs, in them the task
triggerDag                      another Dag, the run made of it        that Dag until then, then the run
approval                        its Approvals                          (each Approval names its TaskRun)
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from controller.model.approval import Approval
from controller.model.dag import Revision
from controller.model.dagrun import DagRun
from controller.model.durations import parse_duration
from controller.model.metadata import Key
from controller.model.names import approval_name, triggered_run_name
from controller.model.outside import OtherRun, Outside
from controller.model.states import TASK_FINAL
from controller.model.taskrun import POD, TaskRun
from controller.observe.store import Store
from controller.observe.watches import About, Watched


@dataclass(frozen=True, slots=True)
class Asking:
    """A TaskRun that asks what there is outside."""

    store: Store
    task_run: TaskRun
    run: DagRun
    revision: Revision | None

    @property
    def namespace(self) -> str:
        """Where everything is that it may see."""
        return self.task_run.meta.namespace


Seen = tuple[Outside, tuple[Watched, ...]]
"""What there is, and what the TaskRun waits for."""


def outside_of(asking: Asking, paused: str | None) -> Outside:
    """What the TaskRun sees; nothing for one with a Pod. What it waits for is noted in the store."""
    task_run = asking.task_run
    kind = task_run.spec.kind
    if kind == POD:
        return Outside()
    is_over = task_run.status.state in TASK_FINAL
    if is_over and kind != "approval":
        return Outside()
    seen, watched = _KINDS[kind](asking) if kind in _KINDS else (Outside(), ())
    if paused is not None:
        seen = replace(seen, paused=paused)
        watched = (*watched, Watched(About.DAG, Key(asking.namespace, task_run.spec.dag_ref.name)))
    asking.store.watches.put(task_run.meta.key, () if is_over else watched)
    return seen


def _by_look(asking: Asking) -> Seen:
    return Outside(sight=asking.store.sights.of(asking.task_run)), ()


def _by_dag(asking: Asking) -> Seen:
    written = _written(asking, "dagSensor")
    other, task = Key(asking.namespace, str(written.get("dag"))), written.get("task")
    watched = (Watched(About.DAG, other), Watched(About.RUNS, other))
    runs = tuple(_runs_about(asking, other, written))
    return Outside(dag=asking.store.tables.dags.get(other), runs=runs), (
        (*watched, Watched(About.TASK, other, task)) if task else watched
    )


def _by_trigger(asking: Asking) -> Seen:
    tables, task_run = asking.store.tables, asking.task_run
    name = triggered_run_name(task_run.meta.name, task_run.meta.uid, task_run.ended_attempts + 1)
    run, other = Key(asking.namespace, name), Key(asking.namespace, str(_written(asking, "triggerDag").get("dag")))
    triggered = tables.runs.get(run)
    watched = (Watched(About.RUN, run), *(() if triggered is not None else (Watched(About.DAG, other),)))
    return Outside(dag=tables.dags.get(other), triggered=triggered), watched


def _by_approvals(asking: Asking) -> Seen:
    return Outside(approvals=tuple(_approvals(asking))), ()


_KINDS: Final[Mapping[str, Callable[[Asking], Seen]]] = {
    "http_sensor": _by_look,
    "resource_sensor": _by_look,
    "dag_sensor": _by_dag,
    "trigger_dag": _by_trigger,
    "approval": _by_approvals,
}


def _approvals(asking: Asking) -> Iterator[Approval]:
    """The questions that the TaskRun has asked, found by the names that they can have."""
    meta = asking.task_run.meta
    for attempt in range(1, asking.task_run.ended_attempts + 2):
        found = asking.store.tables.approvals.get(Key(meta.namespace, approval_name(meta.name, attempt)))
        if found is not None and found.meta.owner_uid == meta.uid:
            yield found


def _runs_about(asking: Asking, dag: Key, written: Mapping[str, Any]) -> Iterator[OtherRun]:
    """The Dag's runs that may be about the same time as this one; decide looks more closely."""
    spec, tables = asking.run.spec, asking.store.tables
    start, end = spec.interval_start or spec.logical_date, spec.interval_end or spec.logical_date
    if start is None or end is None:
        return
    offset = parse_duration(written["offset"]) if written.get("offset") else timedelta(0)
    for key in tables.runs_of(dag).about(start - offset, end - offset):
        run = tables.runs[key]
        revision = tables.revisions.get(Key(key.namespace, run.status.revision or ""))
        counts = asking.store.standings.of(run).counts(written["task"]) if written.get("task") else {}
        yield OtherRun(run, revision, dict(counts))


def _written(asking: Asking, field: str) -> Mapping[str, Any]:
    """What the Dag says of the task."""
    if asking.revision is None:
        return {}
    return _fields(asking.revision.spec_json, field).get(asking.task_run.spec.task, {})


@functools.lru_cache(maxsize=256)
def _fields(spec_json: str, field: str) -> Mapping[str, Mapping[str, Any]]:
    """This field of each task that has it."""
    return {task["name"]: task[field] for task in json.loads(spec_json)["tasks"] if task.get(field)}
