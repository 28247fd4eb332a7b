"""Simulated runs -> a line for each run, and under it a bar for each of its tasks.

    nightly-20260101t060000   success   2026-01-01T06:00:00Z   3m5s
      extract   success   |x....####                               |
      load      success   |         ################################|

`#` at work, `x` an attempt that failed, `~` deferred, `.` waiting for a retry or a slot, `!` ended without an attempt.
All instances of a mapped task share one line.
"""

from collections.abc import Sequence
from typing import Final

from controller.model.durations import format_seconds
from controller.model.instance import task_and_index
from controller.model.plan import Plan
from controller.model.states import TASK_FINAL, TaskState, airflow_name
from controller.model.timestamps import format_time
from controller.simulate.recorder import Course, Moment

WIDTH: Final = 50
_MARKS: Final = {
    TaskState.RUNNING: "#",
    TaskState.DEFERRED: "~",
    TaskState.UP_FOR_RETRY: ".",
    TaskState.QUEUED: ".",
}
_STRONGEST_LAST: Final = " .~#!x"


def print_courses(courses: Sequence[Course], plan: Plan) -> None:
    """Print them, the oldest first."""
    if not courses:
        print("The schedule makes no run in this time.")
    for course in courses:
        print(_head(course))
        states = course.of_tasks(plan)
        names = max(map(len, states))
        told = {task: "none" if state is None else airflow_name(state) for task, state in states.items()}
        widest = max(map(len, told.values()))
        for task, line in _bars(course, plan).items():
            print(f"  {task.ljust(names)}   {told[task].ljust(widest)}   |{line}|")


def _head(course: Course) -> str:
    parts = [course.name, airflow_name(course.state), format_time(course.started_at or course.created_at)]
    if course.started_at is not None and course.finished_at is not None:
        parts.append(format_seconds((course.finished_at - course.started_at).total_seconds()))
    return "   ".join(parts)


def _bars(course: Course, plan: Plan) -> dict[str, str]:
    ends_at = max((moment.at for moment in course.timeline), default=0.0)
    begins_at = min((moment.at for moment in course.timeline), default=0.0)
    scale = WIDTH / max(ends_at - begins_at, 1e-9)
    lines = {task: [" "] * WIDTH for task in plan.tasks}
    by_instance: dict[str, list[Moment]] = {}
    for moment in course.timeline:
        by_instance.setdefault(moment.instance, []).append(moment)
    for instance, moments in by_instance.items():
        line = lines[task_and_index(instance)[0]]
        for moment, following in zip(moments, [*moments[1:], None], strict=True):
            until = following.at if following is not None else ends_at
            first = min(WIDTH - 1, int((moment.at - begins_at) * scale))
            last = max(first + 1, round((until - begins_at) * scale))
            _draw(line, first, last, _mark(moment, following))
    return {task: "".join(line) for task, line in lines.items()}


def _mark(moment: Moment, following: Moment | None) -> str:
    """The mark of what lasts from this moment to the following one."""
    if moment.state in TASK_FINAL:
        return " " if moment.attempt else "!"
    failed = following is not None and following.state in (TaskState.FAILED, TaskState.UP_FOR_RETRY)
    return "x" if failed and moment.state is TaskState.RUNNING else _MARKS.get(moment.state, ".")


def _draw(line: list[str], first: int, last: int, mark: str) -> None:
    if mark == "!":
        last = first + 1
    for place in range(first, min(last, WIDTH)):
        line[place] = max(line[place], mark, key=_STRONGEST_LAST.index)
