"""A person's request to clear or mark tasks of a run -> the run's status after it.

clear     the instances begin anew, as if they had not run: those without a TaskRun are forgotten, the others told to
          hold until their rule lets them run again. A run that had ended is queued again.
mark      the instances end as told; tasks behind them that failed, or were not run, for their sake are cleared.

Which instances a request touches: reach.py. Who asked, when, and what came of it stands in `status.requests`, also
for a request that can't be carried out.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from controller.decide.advance import ACTIVE
from controller.decide.request.reach import IS_CANCELLED, Facts, RequestFault, Touched, touched_by
from controller.model.dagrun import REQUESTS_KEPT, DagRun, DagRunStatus, Handled, Redo, Settled
from controller.model.graph import reachable
from controller.model.instance import folded, task_and_index
from controller.model.request import Mark, MarkedState, Request
from controller.model.states import RUN_FINAL, TASK_FINAL, RunState
from controller.model.taskrun import Verdict

__all__ = ["Facts", "carried_out", "carried_out_unbegun"]

TASKS_TOLD: Final = 100


def carried_out(facts: Facts, request: Request, now: datetime) -> DagRunStatus:
    """The run's status after the request; one that makes no sense is only noted."""
    status = facts.status
    try:
        _refuse_unclear(request)
        if request.mark is not None and not request.mark.tasks:
            return _run_marked(status, request, request.mark, now)
        touched = touched_by(facts, request)
    except RequestFault as fault:
        return _refused(status, request, fault, now)
    instances = (*touched.marked, *touched.cleared)
    if request.dry_run or not instances:
        lifted = ", once spec.cancel is taken away" if facts.is_cancelled else ""
        return _noted(status, request, instances, now, _told(request, touched) + lifted)
    after = status.model_copy(update=_changed(facts, request, touched))
    return _noted(_reopened(after), request, instances, now, _told(request, touched))


def carried_out_unbegun(run: DagRun, request: Request, now: datetime) -> DagRunStatus:
    """The same of a run that ended before it had a revision: it has no tasks yet, so it can only begin again."""
    try:
        _refuse_unclear(request)
        if request.mark is not None and not request.mark.tasks:
            return _run_marked(run.status, request, request.mark, now)
        if request.mark is not None:
            raise RequestFault("The run never began, so it has no tasks to mark")
        if run.spec.cancel is not None and not request.dry_run:
            raise RequestFault(IS_CANCELLED)
    except RequestFault as fault:
        return _refused(run.status, request, fault, now)
    if request.dry_run:
        return _noted(run.status, request, (), now, "Would let the run begin, which it never did")
    return _noted(_reopened(run.status), request, (), now, "The run never began, and is queued again")


def _refuse_unclear(request: Request) -> None:
    if (request.clear is None) == (request.mark is None):
        raise RequestFault("The request needs either clear or mark")


def _changed(facts: Facts, request: Request, touched: Touched) -> dict[str, Any]:
    """What the request changes in the status, but for the run's own state."""
    status, gone = facts.status, frozenset((*touched.marked, *touched.cleared))
    settled = {each: state for each, state in status.settled.by_instance().items() if each not in gone}
    if touched.state is not None:
        settled |= {each: touched.state for each in touched.marked if each not in facts.task_runs}
    verdicts = {
        verdict.value: folded(told)
        for verdict, instances in (
            (Verdict.HOLD, touched.cleared),
            (Verdict(touched.state.value) if touched.state else Verdict.HOLD, touched.marked),
        )
        if (told := [each for each in instances if each in facts.task_runs])
    }
    number, expansions = status.round + 1, _expansions(facts, touched.cleared)
    return {
        "settled": Settled.of(settled),
        "followed": {each: names for each, names in status.followed.items() if each not in gone},
        "notes": {each: text for each, text in status.notes.items() if each not in gone},
        "expansions": expansions,
        "round": number,
        "redo": Redo(round=number, verdicts=verdicts, why=_why(request)) if verdicts else None,
        **_counted(facts, touched, expansions),
    }


def _counted(facts: Facts, touched: Touched, expansions: dict[str, int]) -> dict[str, Any]:
    """The counts until the run's next look, so that a run in the queue does not show what it was before."""
    states = {each: state.value if state in TASK_FINAL else ACTIVE for each, state in facts.states.items()}
    if touched.state is not None:
        states |= {each: ACTIVE if each in facts.task_runs else touched.state.value for each in touched.marked}
    counts = Counter(state for each, state in states.items() if each not in touched.cleared)
    done = counts.total() - counts[ACTIVE]
    return {"counts": dict(sorted((+counts).items())), "tasks": f"{done}/{facts.plan.size(expansions)}"}


def _expansions(facts: Facts, cleared: Iterable[str]) -> dict[str, int]:
    """A mapping is worked out anew when everything that it made is cleared, and something before it too."""
    tasks = {task_and_index(each)[0] for each in cleared}
    touched = set(cleared)
    plan = facts.plan

    def is_anew(source: str) -> bool:
        made = plan.grouping.members.get(source, (source,))
        before = {each for task in made for each in reachable(task, plan.graph.upstream)}
        if not set(made) <= tasks or not before & tasks - set(made):
            return False
        return all(each in touched for each in facts.states if task_and_index(each)[0] in made)

    return {source: count for source, count in facts.status.expansions.items() if not is_anew(source)}


def _run_marked(status: DagRunStatus, request: Request, mark: Mark, now: datetime) -> DagRunStatus:
    """A run that goes on ends as told: what is at work so, the rest skipped. One that has ended changes its state."""
    if mark.state is MarkedState.SKIPPED:
        raise RequestFault("A run as a whole can be marked success or failed, not skipped")
    if request.dry_run:
        return _noted(status, request, (), now, f"Would mark the run {mark.state.value}")
    state = RunState.SUCCESS if mark.state is MarkedState.SUCCESS else RunState.FAILED
    update: dict[str, Any] = {"marked": state}
    message = f"The run was marked {mark.state.value}"
    if status.state in RUN_FINAL:
        update |= {"state": state, "reason": "Marked", "message": message}
    return _noted(status.model_copy(update=update), request, (), now, message)


def _reopened(status: DagRunStatus) -> DagRunStatus:
    """A run that had ended is queued again, and begins when it is let."""
    if status.state not in RUN_FINAL:
        return status.model_copy(update={"marked": None})
    blank = ("started_at", "finished_at", "duration", "reason", "message", "marked")
    return status.model_copy(update={"state": RunState.QUEUED, "failed_tasks": (), **dict.fromkeys(blank)})


def _refused(status: DagRunStatus, request: Request, fault: RequestFault, now: datetime) -> DagRunStatus:
    noted = _noted(status, request, (), now, str(fault))
    last = noted.requests[-1].model_copy(update={"refused": True})
    return noted.model_copy(update={"requests": (*noted.requests[:-1], last)})


def _noted(
    status: DagRunStatus, request: Request, instances: tuple[str, ...], now: datetime, message: str
) -> DagRunStatus:
    handled = Handled(
        id=request.id,
        action="clear" if request.clear is not None else "mark",
        by=request.by,
        at=now,
        dry_run=request.dry_run,
        count=len(instances),
        tasks=folded(instances)[:TASKS_TOLD],
        message=message[:1024],
    )
    return status.model_copy(update={"requests": (*status.requests, handled)[-REQUESTS_KEPT:]})


def _told(request: Request, touched: Touched) -> str:
    would = "Would " if request.dry_run else ""
    if request.mark is None:
        return f"{would}clear {_tasks(touched.cleared)}".capitalize()
    behind = f", and clear {_tasks(touched.cleared)} behind" if touched.cleared else ""
    return f"{would}mark {_tasks(touched.marked)} {request.mark.state.value}{behind}".capitalize()


def _tasks(instances: tuple[str, ...]) -> str:
    return "1 task" if len(instances) == 1 else f"{len(instances)} tasks"


def _why(request: Request) -> str:
    by = f" by {request.by}" if request.by else ""
    return f"Cleared{by}" if request.clear is not None else f"Marked{by}"
