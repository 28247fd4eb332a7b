"""How a simulated run went and what was expected -> every difference, in one line each."""

import itertools
from collections.abc import Callable, Iterator
from typing import Final

from controller.cli.dag_tests.written import Expect
from controller.model.durations import format_seconds
from controller.model.instance import task_and_index
from controller.model.plan import Plan
from controller.model.states import airflow_name
from controller.simulate.recorder import Course


def differences(course: Course, plan: Plan, expect: Expect) -> list[str]:
    """The differences, none where all is as expected."""
    return [line for judge in _JUDGES for line in judge(course, plan, expect)]


def _run(course: Course, plan: Plan, expect: Expect) -> Iterator[str]:
    got = airflow_name(course.state)
    if expect.run is not None and expect.run != got:
        yield f"run: expected {expect.run}, got {got}"


def _tasks(course: Course, plan: Plan, expect: Expect) -> Iterator[str]:
    of_tasks = course.of_tasks(plan)
    for name, wanted in expect.tasks.items():
        state = of_tasks[name] if name in of_tasks else course.states.get(name)
        got = "none" if state is None else airflow_name(state)
        if got != wanted:
            yield f"tasks.{name}: expected {wanted}, got {got}"


def _order(course: Course, plan: Plan, expect: Expect) -> Iterator[str]:
    begun: dict[str, int] = {}
    for place, moment in enumerate(course.timeline):
        if moment.attempt:
            for name in (moment.instance, task_and_index(moment.instance)[0]):
                begun.setdefault(name, place)
    never = [name for name in expect.order if name not in begun]
    yield from (f"order: {name} never began" for name in never)
    present = [name for name in expect.order if name in begun]
    for before, after in itertools.pairwise(present):
        if begun[after] < begun[before]:
            early, late = (course.timeline[begun[name]].at for name in (after, before))
            yield f"order: expected {before} first, but {after} began at {early:g} s, {before} at {late:g} s"


def _attempts(course: Course, plan: Plan, expect: Expect) -> Iterator[str]:
    made: dict[str, int] = {}
    for moment in course.timeline:
        for name in (moment.instance, task_and_index(moment.instance)[0]):
            made[name] = max(made.get(name, 0), moment.attempt)
    for name, wanted in expect.attempts.items():
        if made.get(name, 0) != wanted:
            yield f"attempts.{name}: expected {wanted}, got {made.get(name, 0)}"


def _within(course: Course, plan: Plan, expect: Expect) -> Iterator[str]:
    ended_at = course.finished_at or course.created_at
    took = (ended_at - course.created_at).total_seconds()
    if expect.within is not None and took > expect.within.total_seconds():
        yield f"within: expected {format_seconds(expect.within.total_seconds())}, took {format_seconds(took)}"


_JUDGES: Final[tuple[Callable[[Course, Plan, Expect], Iterator[str]], ...]] = (_run, _tasks, _order, _attempts, _within)
