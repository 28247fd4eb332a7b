"""`slipway why RUN [TASK]`: a run or a task of it -> why it does not run, from what the cluster holds now.

The deciders of the controller are asked with snapshots of the live objects; nothing is written.

    found.py        the objects of the namespace, put where snapshots come from
    of_run.py       a run that has not begun
    of_unbegun.py   a task without a TaskRun
    of_task.py      a task with one
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from controller.cli.connect import exit_code
from controller.cli.output import check_format, print_json, print_table
from controller.cli.why.found import Found, Lister, fetch, found_in
from controller.cli.why.of_run import run_reasons
from controller.cli.why.of_task import instance_reasons, instances_named, scene_in
from controller.cli.why.reason import Reason
from controller.errors import SlipwayError
from controller.kube import Kube
from controller.model.dagrun import DagRun
from controller.model.states import TASK_FINAL, RunState
from controller.model.timestamps import format_time

_TASKS_TOLD: Final = 50


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
            found = await reasons(kube, asked, namespace)
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
    own = list(run_reasons(found, run))
    if task is None:
        return [*own, *(_of_tasks(found, run) if run.status.state is RunState.RUNNING else ())]
    if run.status.state is RunState.QUEUED:
        return own
    scene = scene_in(found, run)
    instances = instances_named(scene, task)
    alone = len(instances) == 1
    found_reasons = [instance_reasons(found, scene, each) for each in instances[:_TASKS_TOLD]]
    return [*own, *(reason for each in found_reasons for reason in (each if alone else each[:1]))]


def _of_tasks(found: Found, run: DagRun) -> Iterator[Reason]:
    """The first reason of each task that has not ended."""
    scene = scene_in(found, run)
    left = [task for task in scene.plan.graph.order if not scene.is_final(task)]
    for task in left[:_TASKS_TOLD]:
        instances = [each for each in instances_named(scene, task) if scene.look.state(each) not in TASK_FINAL]
        yield from instance_reasons(found, scene, instances[0])[:1]
    if len(left) > _TASKS_TOLD:
        yield Reason("More", f"dagrun/{run.meta.name}", f"{len(left) - _TASKS_TOLD} more tasks have not ended")


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
