"""A request and how the run stands -> the instances that it touches, or why it can't be carried out.

clear    the tasks asked for, and with each the setups that it needs and their teardowns: what was torn down is gone
mark     the tasks asked for that stand otherwise, and to be cleared: what failed behind them for their sake

Source: Airflow 3.3, `DAG.clear`, `partial_subset` and `set_state`. Two things are ours: what is cleared along with a
failed task need not have failed itself; and in a run that ended before its time, only-failed takes what was skipped
for that too, as nobody would want the rest of it left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from controller.model.dagrun import DagRunStatus
from controller.model.graph import reachable
from controller.model.instance import instance_id, task_and_index
from controller.model.plan import Plan
from controller.model.request import Clear, Mark, MarkedState, Request
from controller.model.standing import instances_of
from controller.model.states import TASK_FAILED, TaskState
from controller.model.task import Role
from controller.model.taskrun import TaskRun

_STATES: Final = {
    MarkedState.SUCCESS: TaskState.SUCCESS,
    MarkedState.FAILED: TaskState.FAILED,
    MarkedState.SKIPPED: TaskState.SKIPPED,
}
_CUT_SHORT: Final = frozenset({"Cancelled", "TimedOut", "Marked"})
"""Reasons of runs that ended before their tasks had."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a request is judged by."""

    plan: Plan
    status: DagRunStatus
    states: Mapping[str, TaskState]
    """Every instance that has begun or is settled."""
    task_runs: Mapping[str, TaskRun]
    is_cancelled: bool = False
    """Whether `spec.cancel` stands, which ends the run again whatever is cleared in it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What a request touches, in topological order."""

    cleared: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    state: TaskState | None = None
    """What the marked ones end as."""


class RequestFault(ValueError):
    """The request can't be carried out; the text is one sentence."""


def touched_by(facts: Facts, request: Request) -> Touched:
    """What the request would touch; RequestFault when it makes no sense."""
    if facts.is_cancelled and not request.dry_run:
        raise RequestFault(IS_CANCELLED)
    if request.clear is not None:
        return Touched(cleared=_cleared(facts, request.clear))
    return _marked(facts, request.mark) if request.mark is not None else Touched()


IS_CANCELLED: Final = "The run is cancelled: take spec.cancel away in the same patch as the request"


# ---- clear ---------------------------------------------------------------------------------------------------------


def _cleared(facts: Facts, clear: Clear) -> tuple[str, ...]:
    asked = _instances(facts, clear)
    if clear.only_failed:
        asked = [each for each in asked if _has_failed(facts, each)]
    if clear.tasks or clear.only_failed:
        asked += _along(facts, asked, of_all_before=clear.upstream)
    return _in_order(facts.plan, (each for each in asked if each in facts.states or each in facts.task_runs))


def _has_failed(facts: Facts, instance: str) -> bool:
    state = facts.states.get(instance)
    if state in TASK_FAILED:
        return True
    was_cut_short = facts.status.reason in _CUT_SHORT or facts.plan.spec.fail_fast
    task_run = facts.task_runs.get(instance)
    return state is TaskState.SKIPPED and was_cut_short and (task_run is None or task_run.ended_attempts == 0)


def _along(facts: Facts, asked: Iterable[str], *, of_all_before: bool) -> list[str]:
    """The setups that cleared tasks need, and the teardowns of these."""
    plan = facts.plan
    found: dict[str, None] = {}
    for task in dict.fromkeys(task_and_index(each)[0] for each in asked):
        behind = reachable(task, plan.graph.downstream)
        if _is_setup(plan, task):
            found |= dict.fromkeys(_teardowns(plan, task))
        for setup in (before for before in reachable(task, plan.graph.upstream) if _is_setup(plan, before)):
            teardowns = tuple(_teardowns(plan, setup))
            if of_all_before or not teardowns or not behind.isdisjoint(teardowns):
                found |= dict.fromkeys((setup, *teardowns))
    return [each for task in found for each in _all_of(facts, task)]


def _is_setup(plan: Plan, task: str) -> bool:
    return plan.tasks[task].written.role is Role.SETUP


def _teardowns(plan: Plan, setup: str) -> Iterator[str]:
    return (later for later in plan.graph.downstream[setup] if plan.tasks[later].is_teardown)


# ---- mark ----------------------------------------------------------------------------------------------------------


def _marked(facts: Facts, mark: Mark) -> Touched:
    plan, state = facts.plan, _STATES[mark.state]
    direct = set(plan.named(task_and_index(name)[0] for name in mark.tasks))
    chosen = [
        each
        for each in _instances(facts, mark)
        if facts.states.get(each) is not state
        and (task_and_index(each)[0] in direct or not plan.tasks[task_and_index(each)[0]].is_teardown)
    ]
    _refuse_parts(facts, chosen)
    marked = {task_and_index(each)[0] for each in chosen}
    behind = {later for task in marked for later in reachable(task, plan.graph.downstream)}
    cleared = [
        each
        for each, before in facts.states.items()
        if before in TASK_FAILED and task_and_index(each)[0] in behind and each not in chosen
    ]
    return Touched(cleared=_in_order(plan, cleared), marked=_in_order(plan, chosen), state=state)


def _refuse_parts(facts: Facts, chosen: Iterable[str]) -> None:
    """Of a mapped group without elements yet, one task can't have an end and the others as many as there will be."""
    tasks = {task_and_index(each)[0] for each in chosen}
    for task in sorted(tasks):
        source = facts.plan.tasks[task].mapped_by
        members = facts.plan.grouping.members.get(source or "", ())
        if members and source not in facts.status.expansions and not tasks.issuperset(members):
            raise RequestFault(f"The elements of group {source} are not known yet: mark the whole group, or wait")


# ---- names ---------------------------------------------------------------------------------------------------------


def _instances(facts: Facts, asked: Clear | Mark) -> list[str]:
    """The instances of these names and, if asked for, of what is before and behind them; of everything for no name."""
    plan = facts.plan
    chosen: dict[str, None] = {}
    for task in () if asked.tasks else plan.graph.order:
        chosen |= dict.fromkeys(_all_of(facts, task))
    for name in asked.tasks:
        index = task_and_index(name)[1]
        for each in _tasks_of(facts, name):
            around = {each}
            around |= reachable(each, plan.graph.upstream) if asked.upstream else set()
            around |= reachable(each, plan.graph.downstream) if asked.downstream else set()
            for other in (other for other in plan.graph.order if other in around):
                shared = index is not None and (other == each or plan.shares_index(each, other))
                chosen |= dict.fromkeys((instance_id(other, index),) if shared else _all_of(facts, other))
    return list(chosen)


def _tasks_of(facts: Facts, name: str) -> tuple[str, ...]:
    """The task, or the group's tasks, of a name that may have an index."""
    task, index = task_and_index(name)
    tasks = facts.plan.named((task,))
    if not tasks:
        raise RequestFault(f"The run has no task {name}")
    counts = (facts.status.expansions.get(facts.plan.tasks[each].mapped_by or "", 0) for each in tasks)
    if index is not None and min(counts) <= index:
        raise RequestFault(f"The run has no task {name}")
    return tasks


def _all_of(facts: Facts, task: str) -> Iterable[str]:
    source = facts.plan.tasks[task].mapped_by
    count = facts.status.expansions.get(source) if source is not None else None
    return instances_of(task, count or None)


def _in_order(plan: Plan, instances: Iterable[str]) -> tuple[str, ...]:
    def place(instance: str) -> tuple[int, int]:
        task, index = task_and_index(instance)
        return plan.graph.rank[task], -1 if index is None else index

    return tuple(sorted(set(instances), key=place))
