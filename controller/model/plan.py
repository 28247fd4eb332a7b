"""A Dag's spec -> the plan of its runs: every task with all its settings resolved, and the graph.

Settings come from the task, else from the Dag's `defaults`, else from the table BUILT_IN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from controller.model.dag import DagSpec
from controller.model.graph import Graph, build_graph
from controller.model.pool import DEFAULT_POOL
from controller.model.task import EnvVar, Task, TaskSettings, TriggerRule, WeightRule

BUILT_IN: Final = TaskSettings(
    trigger_rule=TriggerRule.ALL_SUCCESS,
    retries=0,
    infrastructure_retries=3,
    launch_retries=3,
    retry_delay=timedelta(seconds=300),
    max_retry_delay=timedelta(days=1),
    launch_timeout=timedelta(minutes=5),
    priority_weight=1,
    weight_rule=WeightRule.DOWNSTREAM,
    pool=DEFAULT_POOL,
    pool_slots=1,
)


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One task with every setting resolved."""

    written: Task
    """What the user wrote: what is run and what it depends on."""
    settings: TaskSettings
    """The resolved settings; those with a default are never None."""
    trigger_rule: TriggerRule
    retries: int
    infrastructure_retries: int
    launch_retries: int
    retry_delay: timedelta
    max_retry_delay: timedelta
    launch_timeout: timedelta
    pool: str
    pool_slots: int
    weight: int
    weight_rule: WeightRule

    @property
    def name(self) -> str:
        """The task's name."""
        return self.written.name

    @property
    def is_podless(self) -> bool:
        """Whether the controller itself runs the task."""
        return self.written.noop is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """A valid spec, ready to decide on. Built once per revision."""

    spec: DagSpec
    tasks: Mapping[str, PlannedTask]
    graph: Graph


def build_plan(spec: DagSpec) -> Plan:
    """The plan of a spec; a doubled task name keeps its last task, so judge the spec first."""
    return Plan(
        spec=spec,
        tasks={task.name: _resolve(task, spec.defaults) for task in spec.tasks},
        graph=build_graph({task.name: task.depends_on for task in spec.tasks}),
    )


def _resolve(task: Task, defaults: TaskSettings) -> PlannedTask:
    fields = TaskSettings.model_fields
    layers = (task, defaults, BUILT_IN)
    chosen: dict[str, Any] = {
        name: next((value for layer in layers if (value := getattr(layer, name)) is not None), None) for name in fields
    }
    chosen["env"] = _joined_env(defaults.env or (), task.env or ())
    settings = TaskSettings.model_construct(**chosen)
    return PlannedTask(
        written=task,
        settings=settings,
        trigger_rule=chosen["trigger_rule"],
        retries=chosen["retries"],
        infrastructure_retries=chosen["infrastructure_retries"],
        launch_retries=chosen["launch_retries"],
        retry_delay=chosen["retry_delay"],
        max_retry_delay=chosen["max_retry_delay"],
        launch_timeout=chosen["launch_timeout"],
        pool=chosen["pool"],
        pool_slots=chosen["pool_slots"],
        weight=chosen["priority_weight"],
        weight_rule=chosen["weight_rule"],
    )


def _joined_env(defaults: tuple[EnvVar, ...], own: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    return tuple({variable.name: variable for variable in (*defaults, *own)}.values())
