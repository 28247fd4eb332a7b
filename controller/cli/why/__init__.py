"""`slipway why RUN [TASK]`: a run or a task of it -> why it does not run, from what the cluster holds now.

The deciders of the controller are asked with snapshots of the live objects; nothing is written.

    found.py        the objects of the namespace, put where snapshots come from
    of_run.py       what a run's decider says
    of_task.py      what the gate and a task's decider say; the sentences are those of controller/decide/why
"""

import contextlib
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from controller.cli.connect import exit_code
from controller.cli.latest import run_named
from controller.cli.output import check_format, print_json, print_table
from controller.cli.why.found import Found, Lister, fetch, found_in
from controller.cli.why.of_run import run_view
from controller.cli.why.of_task import scene_in, task_view
from controller.decide.why import Reason
from controller.decide.why.of_run import run_reasons
from controller.decide.why.of_task import task_reasons, tasks_reasons
from controller.errors import SlipwayError
from controller.kube import Kube
from controller.model.states import RunState
from controller.model.timestamps import format_time


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    run: str
    task: str | None
    """A task, or an instance such as load[3]."""
    namespace: str | None
    context: str | None


def show_why(asked: Asked, output: str) -> int:
    """Print the reasons; the exit code."""
    check_format(output)

    async def work(kube: Kube, namespace: str) -> int:
        with contextlib.redirect_stdout(sys.stderr):  # a line about an object that can't be read is no answer
            run = await run_named(kube, namespace, asked.run)
            found = await reasons(kube, replace(asked, run=run), namespace)
        _print(found, output)
        return 0

    return exit_code((asked.namespace, asked.context), work)


async def reasons(lister: Lister, asked: Asked, namespace: str) -> list[Reason]:
    """Why it does not run; SlipwayError where there is no such run or task."""
    found = found_in(await fetch(lister, namespace), namespace, datetime.now(UTC))
    return explain(found, asked.run, asked.task)


def explain(found: Found, name: str, task: str | None) -> list[Reason]:
    """The same of what was found."""
    run = found.store.tables.runs.get(found.key(name))
    if run is None:
        raise SlipwayError(f"there is no run {name} in namespace {found.namespace}")
    own, view_of = list(run_reasons(run_view(found, run))), partial(task_view, found)
    if task is None:
        at_work = run.status.state is RunState.RUNNING
        return [*own, *(tasks_reasons(scene_in(found, run), view_of) if at_work else ())]
    if run.status.state is RunState.QUEUED:
        return own
    return [*own, *task_reasons(scene_in(found, run), task, view_of)]


def _print(found: list[Reason], output: str) -> None:
    if output == "json":
        print_json([_record(each) for each in found])
    elif found:
        rows = [tuple(str(cell or "-") for cell in _record(each).values()) for each in found]
        print_table(("TASK", "REASON", "OBJECT", "SINCE", "MESSAGE"), rows)
    else:
        print("Nothing stands in its way.")


def _record(reason: Reason) -> dict[str, str | None]:
    return {
        "task": reason.instance,
        "reason": reason.reason,
        "object": reason.object,
        "since": format_time(reason.since) if reason.since is not None else None,
        "message": reason.message,
    }
