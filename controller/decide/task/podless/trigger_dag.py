"""Another Dag, and the run that this attempt made of it -> the run made once, and with `wait` its end as the task's.

    no run yet            its Dag is there and takes the params: made, by a name that follows from the TaskRun and try
                          its Dag is not there, or not valid: waited for a little, as it may be applied just now
                          the params do not fit: Failed for good with reason ParamsInvalid
    the run is there      without `wait` Success; with it, Success when it succeeds, Failed when it fails
    the run was deleted   Failed with reason RunDeleted

A failure of the run is the task's own: `retries` make another run each. The run is the other Dag's, not the task's: it
goes on when this run is cancelled, and stays when this run is deleted. The attempt is written as begun once its run is
seen: so a run that is missing later was deleted, and a crash between the two meets the same name again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from controller.decide.params import ParamsFault, resolve_params
from controller.decide.render import evaluate, is_template, render
from controller.decide.render_faults import RenderFault
from controller.decide.task.case import Case, template_values
from controller.decide.task.podless.answer import Answer, failed, succeeded
from controller.decide.validity import judge_spec
from controller.model.action import CreateRun
from controller.model.dag import Dag
from controller.model.dagrun import DagRun, DagRunSpec, RunType
from controller.model.kinds import TriggerDag
from controller.model.names import triggered_run_name
from controller.model.schema import Reference
from controller.model.states import RUN_FINAL, RunState
from controller.model.timestamps import parse_time

PATIENCE: Final = timedelta(seconds=30)
"""So long a Dag may take to come to be, or to become valid."""


def judge_trigger_dag(case: Case, begun_at: datetime) -> Answer:
    """The run that is made, or where it stands."""
    trigger, run = case.task.written.trigger_dag, case.snapshot.outside.triggered
    assert trigger is not None  # noqa: S101 the kind says so
    if run is not None:
        return _followed(trigger, run)
    task_run = case.snapshot.task_run
    name = triggered_run_name(task_run.meta.name, task_run.meta.uid, task_run.ended_attempts + 1)
    if _was_seen(case):
        return failed("RunDeleted", f"Run {name} was deleted before it ended", retriable=True)
    dag = case.snapshot.outside.dag
    if dag is None:
        return _missing(case, begun_at, "DagMissing", f"Dag {trigger.dag} does not exist")
    plan = judge_spec(dag.spec_json).plan
    if plan is None:
        return _missing(case, begun_at, "DagNotReady", f"Dag {dag.meta.name} is not valid: see its condition Ready")
    spec = _spec(case, trigger)
    try:
        resolve_params(plan.spec.params, spec.params)
    except ParamsFault as fault:
        return failed("ParamsInvalid", f"Dag {dag.meta.name} does not take the params: {fault}")
    return _made(case, dag, name, spec)


def _made(case: Case, dag: Dag, name: str, spec: DagRunSpec) -> Answer:
    return Answer(wake_at=case.now + PATIENCE, actions=(CreateRun(dag.meta, name, spec),), begins=False)


def _followed(trigger: TriggerDag, run: DagRun) -> Answer:
    name, status = run.meta.name, run.status
    if not trigger.wait:
        return succeeded("RunMade", f"Run {name} was made", {"run": name})
    if status.state not in RUN_FINAL:
        return Answer(reason="Run", message=f"Waiting for run {name} of Dag {trigger.dag}")
    output = {"run": name, "state": status.state.value}
    if status.state is RunState.SUCCESS:
        return succeeded("RunSucceeded", f"Run {name} succeeded", output)
    message = f"Run {name} failed: {status.message or status.reason}"
    return failed("RunFailed", message, output=output, retriable=True)


def _was_seen(case: Case) -> bool:
    return any(waiting.reason == "Run" for waiting in case.status.waiting_for)


def _missing(case: Case, begun_at: datetime, reason: str, message: str) -> Answer:
    give_up_at = begun_at + PATIENCE
    if case.now >= give_up_at:
        return failed(reason, message, retriable=True)
    return Answer(reason=reason, message=message, wake_at=give_up_at)


def _spec(case: Case, trigger: TriggerDag) -> DagRunSpec:
    of, task_run = case.run.spec, case.snapshot.task_run
    written = trigger.logical_date
    dates = (
        (of.logical_date, of.interval_start, of.interval_end) if written is None else (_date(case, written), None, None)
    )
    return DagRunSpec(
        dag_ref=Reference(name=trigger.dag),
        run_type=RunType.OPERATOR_TRIGGERED,
        logical_date=dates[0],
        interval_start=dates[1],
        interval_end=dates[2],
        params={name: _filled(case, value) for name, value in trigger.params.items()},
        note=f"Made by task {task_run.instance} of run {case.run.meta.name}",
    )


def _date(case: Case, text: str) -> datetime:
    told = render(text, template_values(case, [text]))
    try:
        return parse_time(told)
    except ValueError as error:
        raise RenderFault(f"logicalDate is {told!r}, which is no time: {error}") from error


def _filled(case: Case, value: Any) -> Any:
    """A param with its templates filled in; a text that is one expression alone becomes the value of that."""
    if isinstance(value, Mapping):
        return {name: _filled(case, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(case, inner) for inner in value]
    if not isinstance(value, str) or not is_template(value):
        return value
    values = template_values(case, [value])
    text = value.strip()
    is_one = text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1
    return evaluate(text, values) if is_one else render(value, values)
