"""`slipway simulate FILE`: a Dag and how its tasks' attempts end -> how the real scheduler takes runs through it.

Without `--from` and `--to` one run made by hand; with them, the runs that the schedule makes in that span.
"""

import asyncio
import contextlib
import gc
import json
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from controller.cli.bars import print_courses
from controller.cli.manifest import load_dag_file
from controller.cli.output import check_format, print_json, print_table
from controller.cli.scripts import ScriptFault, check_names, check_params, read_durations, read_outcomes, scripts_of
from controller.errors import SlipwayError, Usage
from controller.model.alerts import AlertRecord
from controller.model.plan import Plan
from controller.model.states import TaskState, airflow_name
from controller.model.timestamps import format_time, parse_time
from controller.simulate.recorder import Course, Moment
from controller.simulate.run import NeverEnds, simulate_run, simulate_span
from controller.simulate.script import Setting

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says, as text."""

    file: str
    outcomes: str
    durations: str
    outputs: str
    params: str
    logical_date: str | None
    from_: str | None
    to: str | None


def show_simulation(asked: Asked, output: str) -> None:
    """Print how it goes; Usage when a word of the command line can't be read."""
    check_format(output)
    setting, until = _setting(asked)
    if until is None:
        course = played(simulate_run(setting))
        if output == "json":
            print_json(record(course, setting.plan))
        else:
            _print_tables(course, setting.plan)
        return
    span = played(simulate_span(setting, until))
    if output == "json":
        runs = [_dated(course, setting.plan) for course in span.courses]
        print_json({"runs": runs} | ({"neverEnds": span.obstacle} if span.obstacle else {}))
    else:
        print_courses(span.courses, setting.plan)
        if span.obstacle:
            print(f"\nNot all runs end: {span.obstacle}.")


def played(play: Coroutine[Any, Any, _Answer]) -> _Answer:
    """What comes of a simulation; SlipwayError where it never ends."""
    gc.disable()  # nothing that the run leaves behind is worth a sixth of its time
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a line that the scheduler logs is no part of the answer
            return asyncio.run(play)
    except NeverEnds as error:
        raise SlipwayError(str(error)) from error
    finally:
        gc.enable()


def record(course: Course, plan: Plan) -> dict[str, Any]:
    """The run as JSON; `instances` only where the Dag maps a task, `alerts` where it has some."""
    instances = {each: airflow_name(state) for each, state in course.of_instances().items()}
    return {
        "run": airflow_name(course.state),
        "tasks": {task: _name(state) for task, state in course.of_tasks(plan).items()},
        **({"instances": instances} if plan.mapped else {}),
        "timeline": [_moment(moment) for moment in course.timeline],
        **({"alerts": [_alert(course, each, plan) for each in course.alerts]} if plan.spec.alerts else {}),
    }


def _setting(asked: Asked) -> tuple[Setting, datetime | None]:
    with _about("--outcomes"):
        outcomes = read_outcomes(_object("--outcomes", asked.outcomes))
    with _about("--durations"):
        durations = read_durations(_object("--durations", asked.durations))
    outputs = _object("--outputs", asked.outputs)
    params = _object("--params", asked.params)
    span = _span(asked)
    logical_date = _time("--logical-date", asked.logical_date)
    file = load_dag_file(asked.file)
    plan = file.dag.plan
    for option, named in (("--outcomes", outcomes), ("--durations", durations), ("--outputs", outputs)):
        with _about(option):
            check_names(named, plan)
    with _about("--params"):
        check_params(plan, params)
    setting = Setting(
        file.dag.name, plan, scripts_of(outcomes, durations, outputs), params, file.pools, logical_date=logical_date
    )
    if span is None:
        return (replace(setting, begins_at=logical_date) if logical_date is not None else setting), None
    if plan.spec.schedule is None:
        raise Usage("--from: the Dag has no schedule")
    return replace(setting, begins_at=span[0]), span[1]


def _span(asked: Asked) -> tuple[datetime, datetime] | None:
    first, last = _time("--from", asked.from_), _time("--to", asked.to)
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise Usage("--from and --to go together")
    if last < first:
        raise Usage("--to lies before --from")
    if asked.logical_date is not None:
        raise Usage("--logical-date is about one run, and --from about many")
    return first, last


def _time(option: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_time(text)
    except (ValueError, OverflowError) as error:
        raise Usage(f"{option}: {error}") from error


@contextlib.contextmanager
def _about(option: str) -> Iterator[None]:
    """Faults are told with the option that they are about."""
    try:
        yield
    except ScriptFault as fault:
        raise Usage(f"{option}: {fault}") from fault


def _object(option: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Usage(f"{option}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Usage(f"{option}: is not a JSON object with {'params' if option == '--params' else 'tasks'} as names")
    return value


def _dated(course: Course, plan: Plan) -> dict[str, Any]:
    times = {
        "logicalDate": course.logical_date,
        "created": course.created_at,
        "started": course.started_at,
        "ended": course.finished_at,
    }
    return {"name": course.name} | {key: at and format_time(at) for key, at in times.items()} | record(course, plan)


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": _number(moment.at),
        "task": moment.instance,
        "try": moment.attempt,
        "state": airflow_name(moment.state),
    }


def _alert(course: Course, record: AlertRecord, plan: Plan) -> dict[str, Any]:
    """When whom is told of what; `count` is of how many ends of tasks, for an alert about those."""
    targets = next(alert.targets for alert in plan.spec.alerts or () if alert.name == record.alert)
    return {
        "at": _number((record.after - course.created_at).total_seconds()),
        "alert": record.alert,
        "event": record.event.value,
        "count": record.count,
        "targets": list(targets),
    }


def _print_tables(course: Course, plan: Plan) -> None:
    rows = [tuple(str(cell) for cell in _moment(moment).values()) for moment in course.timeline]
    print_table(("SECOND", "TASK", "TRY", "STATE"), rows)
    print()
    states = [(task, _name(state)) for task, state in course.of_tasks(plan).items()]
    print_table(("TASK", "STATE"), states)
    if course.alerts:
        told = [_alert(course, each, plan) for each in course.alerts]
        lines = [(str(each["at"]), each["alert"], each["event"], ", ".join(each["targets"])) for each in told]
        print()
        print_table(("SECOND", "ALERT", "EVENT", "TARGETS"), lines)
    print(f"\nThe run ends as {airflow_name(course.state)}.")


def _name(state: TaskState | None) -> str:
    return "none" if state is None else airflow_name(state)


def _number(seconds: float) -> int | float:
    """Whole seconds without a fraction."""
    return int(seconds) if seconds == int(seconds) else round(seconds, 3)
