"""A Dag's spec -> the plan of its runs: every task with all its settings resolved, and the graph.

Settings come from the task, else from its groups, the innermost first, else from the Dag's `defaults`, else from the
table BUILT_IN.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from controller.model.dag import DagSpec
from controller.model.graph import Graph, build_graph
from controller.model.groups import Grouping, resolve_groups
from controller.model.kinds import AT_ONCE, IN_TIME
from controller.model.pool import DEFAULT_POOL
from controller.model.scopes import Scopes, build_scopes
from controller.model.task import EnvVar, Group, Map, Role, Task, TaskSettings, TriggerRule, WeightRule
from controller.model.taskrun import POD

BUILT_IN: Final = TaskSettings(
    trigger_rule=TriggerRule.ALL_SUCCESS,
    retries=0,
    infrastructure_retries=3,
    launch_retries=3,
    retry_delay=timedelta(seconds=300),
    max_retry_delay=timedelta(days=1),
    skip_exit_codes=(99,),
    retry_rules=(),
    launch_timeout=timedelta(minutes=5),
    priority_weight=1,
    weight_rule=WeightRule.DOWNSTREAM,
    pool=DEFAULT_POOL,
    pool_slots=1,
    depends_on_past=False,
    wait_for_downstream=False,
    ignore_first_depends_on_past=False,
    wait_for_past_before_skipping=False,
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
    kind: str
    """`pod`, or the podless kind's field, such as noop or http_sensor."""
    depends_on_past: bool
    wait_for_downstream: bool
    mapped_by: str | None
    """The task or group whose mapping makes its instances; None for a task that is not mapped."""

    @property
    def name(self) -> str:
        """The task's name."""
        return self.written.name

    @property
    def is_at_once(self) -> bool:
        """Whether the run itself settles the task, without a TaskRun; an update of assets stands in a TaskRun."""
        return self.kind in AT_ONCE and not self.written.updates

    @property
    def has_pod(self) -> bool:
        """Whether the task runs in a Pod."""
        return self.kind == POD

    @property
    def is_teardown(self) -> bool:
        """Whether the task clears up after setups."""
        return self.written.role is Role.TEARDOWN


@dataclass(frozen=True, slots=True)
class Plan:
    """A valid spec, ready to decide on. Built once per revision."""

    spec: DagSpec
    tasks: Mapping[str, PlannedTask]
    graph: Graph
    grouping: Grouping
    maps: Mapping[str, Map]
    """What is mapped: tasks and groups by name."""
    mapped: frozenset[str]
    """The tasks with instances."""
    mapped_upstream: Mapping[str, tuple[str, ...]]
    """Those directly before each task; tasks that have none are left out."""
    scopes: Scopes
    """What setups, teardowns, branches and short circuits reach."""
    uses_past: bool
    """Whether a task depends on the run before."""

    def leaves(self) -> tuple[str, ...]:
        """The tasks that a run's end is judged by, in topological order; teardowns only where they may fail it."""
        return tuple(task for task in self.graph.order if self._is_leaf(task))

    def counting(self) -> tuple[str, ...]:
        """The tasks whose failure may be the run's, in topological order: all but teardowns that don't fail it."""
        return tuple(task for task in self.graph.order if self._counts(task))

    def shares_index(self, task: str, other: str) -> bool:
        """Whether instances of the two belong together by their index: they are mapped by the same group."""
        source = self.tasks[task].mapped_by
        return source is not None and source in self.grouping.members and self.tasks[other].mapped_by == source

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """The tasks of these names, a group's name standing for all of its tasks; others are left out."""
        found = [
            task for name in names for task in ((name,) if name in self.tasks else self.grouping.members.get(name, ()))
        ]
        return tuple(dict.fromkeys(found))

    def size(self, expansions: Mapping[str, int]) -> int:
        """How many instances a run has whose mappings have so many elements, as far as that is known."""
        made = ((count, self.grouping.members.get(name, (name,))) for name, count in expansions.items())
        return len(self.tasks) + sum((count - 1) * len(tasks) for count, tasks in made if count)

    def _is_leaf(self, task: str) -> bool:
        if any(self._counts(later) for later in self.graph.downstream[task]):
            return False
        return self._counts(task)

    def _counts(self, task: str) -> bool:
        planned = self.tasks[task]
        return not planned.is_teardown or planned.written.fails_run


def build_plan(spec: DagSpec) -> Plan:
    """The plan of a spec; a doubled task name keeps its last task, so judge the spec first."""
    grouping = resolve_groups(spec.tasks, spec.groups)
    graph = build_graph(grouping.depends_on)
    groups = {group.name: group for group in spec.groups}
    nodes: list[Group | Task] = [*spec.groups, *spec.tasks]
    maps = {each.name: each.map for each in nodes if each.map is not None}
    tasks = {
        task.name: _resolve(task, spec, [groups[name].defaults for name in grouping.chain[task.name]], grouping, maps)
        for task in spec.tasks
    }
    mapped = frozenset(name for name, task in tasks.items() if task.mapped_by is not None)
    mapped_upstream = {task: tuple(filter(mapped.__contains__, before)) for task, before in graph.upstream.items()}
    return Plan(
        spec=spec,
        tasks=tasks,
        graph=graph,
        grouping=grouping,
        maps=maps,
        mapped=mapped,
        mapped_upstream={task: before for task, before in mapped_upstream.items() if before},
        scopes=build_scopes({task.name: task for task in spec.tasks}, graph, _maps_of(tasks, grouping, maps)),
        uses_past=any(task.depends_on_past for task in tasks.values()),
    )


def _maps_of(
    tasks: Mapping[str, PlannedTask], grouping: Grouping, maps: Mapping[str, Map]
) -> dict[str, tuple[Map, ...]]:
    """The mapping that makes each mapped task's instances; several where the Dag is not valid."""
    sources = {task: (task, *grouping.chain[task]) for task in tasks}
    return {
        task: tuple(maps[name] for name in names if name in maps)
        for task, names in sources.items()
        if tasks[task].mapped_by is not None
    }


def _resolve(
    task: Task, spec: DagSpec, around: Sequence[TaskSettings], grouping: Grouping, maps: Mapping[str, Map]
) -> PlannedTask:
    layers = (task, *around, spec.defaults, BUILT_IN)
    chosen: dict[str, Any] = {
        name: next((value for layer in layers if (value := getattr(layer, name)) is not None), None)
        for name in TaskSettings.model_fields
    }
    chosen["env"] = _joined_env(*(layer.env or () for layer in reversed(layers)))
    if task.role is Role.TEARDOWN and task.trigger_rule is None:
        chosen["trigger_rule"] = TriggerRule.ALL_DONE_SETUP_SUCCESS
    settings = TaskSettings.model_construct(**chosen)
    sources = (name for name in (task.name, *grouping.chain[task.name]) if name in maps)
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
        kind=next((kind for kind in (*AT_ONCE, *IN_TIME) if getattr(task, kind) is not None), POD),
        depends_on_past=chosen["depends_on_past"] or chosen["wait_for_downstream"],
        wait_for_downstream=chosen["wait_for_downstream"],
        mapped_by=next(sources, None),
    )


def _joined_env(*layers: tuple[EnvVar, ...]) -> tuple[EnvVar, ...]:
    return tuple({variable.name: variable for layer in layers for variable in layer}.values())
