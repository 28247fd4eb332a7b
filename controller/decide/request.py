"""A person's request to clear or mark tasks of a run -> which instances it touches, and the run's status after it.

clear     the instances begin anew, as if they had not run: those without a TaskRun are forgotten, the others told to
          hold until their rule lets them run again. A run that had ended is queued again.
mark      the instances end as told; tasks behind them that failed, or were not run, for their sake are cleared.

What is touched: the named tasks, those before or behind them if asked for, and with a cleared task the setups it needs
and their teardowns. Source: Airflow 3.3, `DAG.clear` and `set_state`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from controller.model.dagrun import REQUESTS_KEPT, DagRunStatus, Handled, Redo, Settled
from controller.model.graph import reachable
from controller.model.instance import folded, instance_id, task_and_index
from controller.model.plan import Plan
from controller.model.request import Clear, Mark, MarkedState, Request
from controller.model.standing import instances_of
from controller.model.states import RUN_FINAL, TASK_FAILED, RunState, TaskState
from controller.model.taskrun import TaskRun, Verdict

_STATES: Final = {
    MarkedState.SUCCESS: TaskState.SUCCESS,
    MarkedState.FAILED: TaskState.FAILED,
    MarkedState.SKIPPED: TaskState.SKIPPED,
}
TASKS_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a request is judged by."""

    plan: Plan
    status: DagRunStatus
    states: Mapping[str, TaskState]
    """Every instance that has begun or is settled."""
    task_runs: Mapping[str, TaskRun]


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
    if request.clear is not None:
        return Touched(cleared=_cleared(facts, request.clear))
    if request.mark is not None and request.mark.tasks:
        return _marked(facts, request.mark)
    raise RequestFault("the request has neither clear nor mark")


def carried_out(facts: Facts, request: Request, now: datetime) -> DagRunStatus:
    """The run's status after the request; one that makes no sense is only noted."""
    status = facts.status
    try:
        if request.mark is not None and not request.mark.tasks:
            return _noted(_run_marked(status, request.mark), request, (), now)
        touched = touched_by(facts, request)
    except RequestFault as fault:
        return _noted(status, request, (), now, str(fault))
    instances = (*touched.marked, *touched.cleared)
    if request.dry_run or not instances:
        return _noted(status, request, instances, now)
    settled = {each: state for each, state in status.settled.by_instance().items() if each not in instances}
    verdicts: dict[str, tuple[str, ...]] = {}
    told = [each for each in touched.cleared if each in facts.task_runs]
    if told:
        verdicts[Verdict.HOLD.value] = folded(told)
    if touched.state is not None:
        settled |= {each: touched.state for each in touched.marked if each not in facts.task_runs}
        told = [each for each in touched.marked if each in facts.task_runs]
        if told:
            verdicts[Verdict(touched.state.value).value] = folded(told)
    number = status.round + 1
    after: dict[str, Any] = {
        "settled": Settled.of(settled),
        "followed": {each: names for each, names in status.followed.items() if each not in touched.cleared},
        "notes": {each: text for each, text in status.notes.items() if each not in touched.cleared},
        "expansions": _expansions(facts, touched.cleared),
        "round": number,
        "redo": Redo(round=number, verdicts=verdicts, why=_why(request)) if verdicts else None,
    }
    return _noted(_reopened(status.model_copy(update=after)), request, instances, now)


def _cleared(facts: Facts, clear: Clear) -> tuple[str, ...]:
    asked = _instances(facts, clear.tasks, upstream=clear.upstream, downstream=clear.downstream)
    if not clear.only_failed and not clear.upstream:
        asked = [*asked, *_setups_of(facts, asked)]
    found = (each for each in asked if not clear.only_failed or facts.states.get(each) in TASK_FAILED)
    return _in_order(facts.plan, (each for each in found if each in facts.states or each in facts.task_runs))


def _marked(facts: Facts, mark: Mark) -> Touched:
    plan, state = facts.plan, _STATES[mark.state]
    direct = set(plan.named(task_and_index(name)[0] for name in mark.tasks))
    asked = _instances(facts, mark.tasks, upstream=mark.upstream, downstream=mark.downstream)
    chosen = [
        each
        for each in asked
        if facts.states.get(each) is not state
        and (task_and_index(each)[0] in direct or not plan.tasks[task_and_index(each)[0]].is_teardown)
    ]
    behind = {later for each in chosen for later in reachable(task_and_index(each)[0], plan.graph.downstream)}
    cleared = [
        each
        for each, before in facts.states.items()
        if before in TASK_FAILED and task_and_index(each)[0] in behind and each not in chosen
    ]
    return Touched(cleared=_in_order(plan, cleared), marked=_in_order(plan, chosen), state=state)


def _instances(facts: Facts, names: Iterable[str], *, upstream: bool, downstream: bool) -> list[str]:
    """The instances of these names and, if asked for, of what is before and behind them; of everything for no name."""
    plan = facts.plan
    chosen: dict[str, None] = {}
    for name in tuple(names) or plan.graph.order:
        task, index = task_and_index(name)
        tasks = plan.named((task,))
        if not tasks or (
            index is not None and facts.status.expansions.get(plan.tasks[tasks[0]].mapped_by or "", 0) <= index
        ):
            raise RequestFault(f"the run has no task {name}")
        for each in tasks:
            around = {each}
            around |= reachable(each, plan.graph.upstream) if upstream else set()
            around |= reachable(each, plan.graph.downstream) if downstream else set()
            for other in (other for other in plan.graph.order if other in around):
                shared = index is not None and (other == each or plan.shares_index(each, other))
                chosen |= dict.fromkeys((instance_id(other, index),) if shared else _all_of(facts, other))
    return list(chosen)


def _all_of(facts: Facts, task: str) -> Iterable[str]:
    source = facts.plan.tasks[task].mapped_by
    count = facts.status.expansions.get(source) if source is not None else None
    return instances_of(task, count or None)


def _setups_of(facts: Facts, asked: Iterable[str]) -> list[str]:
    """The setups that cleared tasks need, and their teardowns: cleared with them, as they have been torn down."""
    plan, scopes = facts.plan, facts.plan.scopes
    found: dict[str, None] = {}
    for task in dict.fromkeys(task_and_index(each)[0] for each in asked):
        for setup in (*scopes.direct_setups.get(task, ()), *scopes.setups.get(task, ())):
            teardowns = (later for later in plan.graph.downstream[setup] if plan.tasks[later].is_teardown)
            found |= dict.fromkeys((setup, *teardowns))
    return [each for task in found for each in _all_of(facts, task)]


def _in_order(plan: Plan, instances: Iterable[str]) -> tuple[str, ...]:
    def place(instance: str) -> tuple[int, int]:
        task, index = task_and_index(instance)
        return plan.graph.rank[task], -1 if index is None else index

    return tuple(sorted(set(instances), key=place))


def _expansions(facts: Facts, cleared: Iterable[str]) -> dict[str, int]:
    """A mapping is worked out anew when everything that it made is cleared, and something before it too."""
    tasks = {task_and_index(each)[0] for each in cleared}
    plan = facts.plan

    def is_anew(source: str) -> bool:
        made = plan.grouping.members.get(source, (source,))
        before = {each for task in made for each in reachable(task, plan.graph.upstream)}
        return set(made) <= tasks and bool(before & tasks - set(made))

    return {source: count for source, count in facts.status.expansions.items() if not is_anew(source)}


def _run_marked(status: DagRunStatus, mark: Mark) -> DagRunStatus:
    """A run that goes on ends as told: what is at work so, the rest skipped. One that has ended changes its state."""
    if mark.state is MarkedState.SKIPPED:
        raise RequestFault("a run as a whole can be marked success or failed, not skipped")
    state = RunState.SUCCESS if mark.state is MarkedState.SUCCESS else RunState.FAILED
    update: dict[str, Any] = {"marked": state}
    if status.state in RUN_FINAL:
        update |= {"state": state, "reason": "Marked", "message": f"The run was marked {mark.state.value}"}
    return status.model_copy(update=update)


def _reopened(status: DagRunStatus) -> DagRunStatus:
    """A run that had ended is queued again, and begins when it is let."""
    if status.state not in RUN_FINAL:
        return status.model_copy(update={"marked": None})
    blank = ("started_at", "finished_at", "duration", "reason", "message", "marked")
    return status.model_copy(update={"state": RunState.QUEUED, "failed_tasks": (), **dict.fromkeys(blank)})


def _noted(
    status: DagRunStatus, request: Request, instances: tuple[str, ...], now: datetime, fault: str = ""
) -> DagRunStatus:
    handled = Handled(
        id=request.id,
        action="clear" if request.clear is not None else "mark",
        by=request.by,
        at=now,
        dry_run=request.dry_run,
        count=len(instances),
        tasks=folded(instances)[:TASKS_TOLD],
        message=fault[:1024] if fault else _done(request, len(instances)),
    )
    return status.model_copy(update={"requests": (*status.requests, handled)[-REQUESTS_KEPT:]})


def _done(request: Request, count: int) -> str:
    would = "Would be" if request.dry_run else "Were"
    if request.mark is not None:
        what = f"{count} tasks" if request.mark.tasks else "the run"
        return f"{would} marked {request.mark.state.value}, with what follows: {what}"
    return f"{would} cleared: {count} tasks"


def _why(request: Request) -> str:
    by = f" by {request.by}" if request.by else ""
    return f"Cleared{by}" if request.clear is not None else f"Marked{by}"


def is_open(request: Request | None, status: DagRunStatus) -> bool:
    """Whether the request was not carried out yet."""
    return request is not None and all(handled.id != request.id for handled in status.requests)
