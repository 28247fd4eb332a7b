"""`slipway simulate FILE`: a Dag and how its tasks' attempts end -> how the real scheduler takes a run through it."""

import asyncio
import contextlib
import gc
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.cli.manifest import DagManifest, load_dag
from controller.cli.output import check_format, print_json, print_table
from controller.errors import SlipwayError, Usage
from controller.model.plan import Plan
from controller.model.states import airflow_name
from controller.simulate.run import EXIT_CODES, Moment, NeverEnds, Script, Simulated, simulate_run


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says, as text."""

    file: str
    outcomes: str
    """JSON: a task's name to `success`, `failed` or `skipped`, or to a list with one for each attempt."""
    durations: str
    """JSON: a task's name to the seconds that each attempt lasts."""


def show_simulation(asked: Asked, output: str) -> None:
    """Print how the run goes; Usage when the outcomes can't be read."""
    check_format(output)
    outcomes = {task: _outcomes(task, told) for task, told in _object("--outcomes", asked.outcomes).items()}
    durations = {task: _seconds(task, told) for task, told in _object("--durations", asked.durations).items()}
    dag = load_dag(asked.file)
    for option, named in (("--outcomes", outcomes), ("--durations", durations)):
        _check_tasks(option, named, dag.plan)
    scripts = {task: Script(outcomes.get(task, ("success",)), durations.get(task, 1.0)) for task in dag.plan.tasks}
    simulated = _simulated(dag, scripts)
    if output == "json":
        print_json(_record(simulated))
    else:
        _print_tables(simulated)


def _simulated(dag: DagManifest, scripts: Mapping[str, Script]) -> Simulated:
    gc.disable()  # nothing that the run leaves behind is worth a sixth of its time
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a line that the scheduler logs is no part of the answer
            return asyncio.run(simulate_run(dag.name, dag.plan, scripts))
    except NeverEnds as error:
        raise SlipwayError(str(error)) from error
    finally:
        gc.enable()


def _object(option: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Usage(f"{option}: is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Usage(f"{option}: is not a JSON object with tasks as names")
    return value


def _outcomes(task: str, told: Any) -> tuple[str, ...]:
    outcomes = told if isinstance(told, list) else [told]
    for outcome in outcomes:
        if not isinstance(outcome, str) or outcome not in EXIT_CODES:
            raise Usage(f"--outcomes: {task}: {json.dumps(outcome)} is not one of {', '.join(EXIT_CODES)}")
    if not outcomes:
        raise Usage(f"--outcomes: {task}: the list is empty")
    return tuple(outcomes)


def _seconds(task: str, told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1e9:
        raise Usage(f"--durations: {task}: {json.dumps(told)} is not a number of seconds")
    return float(told)


def _check_tasks(option: str, named: Mapping[str, Any], plan: Plan) -> None:
    unknown = [task for task in named if task not in plan.tasks]
    if unknown:
        raise Usage(f"{option}: the Dag has no task {unknown[0]}")


def _record(simulated: Simulated) -> dict[str, Any]:
    return {
        "run": airflow_name(simulated.state),
        "tasks": {task: airflow_name(state) for task, state in simulated.tasks.items()},
        "timeline": [_moment(moment) for moment in simulated.timeline],
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": _number(moment.at),
        "task": moment.task,
        "try": moment.attempt,
        "state": airflow_name(moment.state),
    }


def _print_tables(simulated: Simulated) -> None:
    rows = [tuple(str(cell) for cell in _moment(moment).values()) for moment in simulated.timeline]
    print_table(("SECOND", "TASK", "TRY", "STATE"), rows)
    print()
    print_table(("TASK", "STATE"), [(task, airflow_name(state)) for task, state in simulated.tasks.items()])
    print(f"\nThe run ends as {airflow_name(simulated.state)}.")


def _number(seconds: float) -> int | float:
    """Whole seconds without a fraction."""
    return int(seconds) if seconds == int(seconds) else round(seconds, 3)
