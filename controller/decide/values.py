"""A run and the outputs of its tasks -> what templates and expressions may read: params, tasks, run and dag."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.model.dagrun import DagRun
from controller.model.instance import instance_id
from controller.model.plan import Plan
from controller.model.taskrun import TaskRun
from controller.model.timestamps import format_time


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs of a run's tasks."""

    plan: Plan
    task_runs: Mapping[str, TaskRun]
    """By instance."""
    expansions: Mapping[str, int]

    def of(self, reader: str, index: int | None, tasks: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Each task's `output`, as instance `reader[index]` sees it; a task that has no TaskRun is left out.

        Of a mapped task it is the list of all outputs in the order of the elements, null where there is none; inside
        one mapped group, the output of the same element.
        """
        found = {}
        for task in sorted(tasks):
            source = self.plan.tasks[task].mapped_by if task in self.plan.tasks else None
            count = self.expansions.get(source) if source is not None else None
            if count is None:
                task_run = self.task_runs.get(task)
                if task_run is not None:
                    found[task] = {"output": _output(task_run)}
            elif index is not None and self.plan.shares_index(reader, task):
                found[task] = {"output": _output(self.task_runs.get(instance_id(task, index)))}
            else:
                all_of_it = [_output(self.task_runs.get(instance_id(task, place))) for place in range(count)]
                found[task] = {"output": all_of_it}
        return found


def run_values(run: DagRun, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The names that templates and expressions know."""
    times = {
        "logicalDate": run.spec.logical_date,
        "intervalStart": run.spec.interval_start or run.spec.logical_date,
        "intervalEnd": run.spec.interval_end or run.spec.logical_date,
    }
    return {
        "params": json.loads(run.status.params or "{}"),
        "tasks": outputs,
        "run": {"name": run.meta.name, "id": run.spec.run_id or run.meta.name}
        | {"updates": [update.dump() for update in run.spec.updates or ()]}
        | {name: format_time(at) if at else "" for name, at in times.items()},
        "dag": {"name": run.spec.dag_ref.name},
    }


def _output(task_run: TaskRun | None) -> Any:
    return json.loads(task_run.status.output or "null") if task_run is not None else None
