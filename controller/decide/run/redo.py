"""A request of a person's -> carried out, one thing at a time: noted, told to the TaskRuns, then the run goes on."""

from collections.abc import Iterator
from datetime import datetime

from controller.decide.outcome import RunOutcome
from controller.decide.request import Facts, carried_out, carried_out_unbegun
from controller.decide.run.step import Step, plan_of, run_conditions
from controller.model.action import DirectTask
from controller.model.dagrun import Redo
from controller.model.instance import unfolded
from controller.model.snapshot import RunSnapshot
from controller.model.states import RUN_FINAL
from controller.model.taskrun import Verdict


def carry_out(snapshot: RunSnapshot, now: datetime) -> Step:
    """Note what the request does, or tell TaskRuns of it, or let the run go on."""
    run, plan, redo = snapshot.run, plan_of(snapshot), snapshot.run.status.redo
    request = run.open_request
    if redo is not None:
        tells = tuple(_tells(snapshot, redo))
        return Step(run.status, tells) if tells else Step(run.status.model_copy(update={"redo": None}))
    if request is not None and run.status.revision is None:
        status = carried_out_unbegun(run, request, now)
    elif request is not None and plan is not None:
        cancelled = run.spec.cancel is not None
        facts = Facts(plan, run.status, snapshot.standing.states(), snapshot.task_runs, cancelled)
        status = carried_out(facts, request, now)
    else:
        return Step(run.status)
    if status.state is not run.status.state:
        outcome = RunOutcome(status.state, "Marked", status.message or "") if status.state in RUN_FINAL else None
        status = status.model_copy(update={"conditions": run_conditions(run, outcome, now)})
    return Step(status)


def _tells(snapshot: RunSnapshot, redo: Redo) -> Iterator[DirectTask]:
    for verdict, names in redo.verdicts.items():
        for instance in unfolded(names):
            task_run = snapshot.task_runs.get(instance)
            if task_run is not None and task_run.spec.round < redo.round:
                yield DirectTask(task_run.meta, Verdict(verdict), round=redo.round, why=redo.why)
