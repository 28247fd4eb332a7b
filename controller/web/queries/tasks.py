"""The tasks of a run, one task with its attempts, and what the grid and a preview need of them."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.metastore.tables import NOT_MAPPED, AttemptRow, TaskRunRow
from controller.model.instance import instance_id
from controller.model.states import TaskState
from controller.web.answer import Answer, AnyRow, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.filters import columns
from controller.web.queries.runs import Wait

MOST_ATTEMPTS: Final = 500
_ORDER: Final = Keyset((TaskRunRow.task, TaskRunRow.map_index))  # type: ignore[arg-type]


class TaskLine(Answer):
    """One task of a run."""

    task: str
    """Its name in the Dag."""
    index: int | None
    """The place in a mapped task, from 0; absent for a task that is not mapped."""
    name: str | None
    """The TaskRun's name; absent for a task that ended without one."""
    state: str
    """Where it stands."""
    attempt: int
    """The number of its newest attempt, from 1; 0 before the first."""
    pod: str | None
    """The newest attempt's Pod."""
    node: str | None
    """The node of that Pod."""
    started_at: Time | None
    """When the newest attempt's container started."""
    finished_at: Time | None
    """When it ended."""
    retry_at: Time | None
    """When the next attempt may start."""
    exit_code: int | None
    """Of the newest attempt."""
    reason: str | None
    """Why the newest attempt ended as it did, in a word."""
    message: str | None
    """The same in a sentence."""
    waiting_for: list[Wait]
    """What it waits for, the first reason first."""
    pool: str | None
    """The pool whose slots it takes."""
    pool_slots: int | None
    """How many it takes."""
    priority: int | None
    """Its weight in the queue; higher is sooner."""
    deleted_at: Time | None
    """When its TaskRun was seen to be gone; the row stays."""


class AttemptLine(Answer):
    """One attempt of a task."""

    number: int
    """From 1."""
    pod: str
    """The Pod's name."""
    node: str | None
    """The node it ran on."""
    state: str
    """Queued or Running as its Pod shows, then as its TaskRun accounts for it."""
    fault: str | None
    """Whose fault a failure was: Application, Infrastructure, Launch or Cancelled."""
    reason: str | None
    """Why it ended as it did, in a word."""
    message: str | None
    """The same in a sentence."""
    exit_code: int | None
    """Of container main."""
    created_at: Time | None
    """When the Pod was created; absent if it was never seen."""
    started_at: Time | None
    """When the container started."""
    finished_at: Time | None
    """When it ended."""
    pod_deleted_at: Time | None
    """When the Pod was seen to be gone."""


class TaskDetail(TaskLine):
    """One task with everything that is kept of it."""

    output: Any
    """What the task wrote as its output; null when it wrote none."""
    attempts: list[AttemptLine]
    """Its attempts, the newest first, 500 at most."""
    resource_version: int
    """The object's version that this shows."""


class TaskQuery(PageQuery):
    """Which tasks of a run are wanted."""

    state: Annotated[list[TaskState], Field(max_length=20)] = []
    """Only those that stand so. Repeatable."""
    task: str | None = Field(default=None, max_length=63)
    """Only instances of this task."""


class Span(Answer):
    """One attempt of a run's task, as a bar in time."""

    task: str
    """The task's name."""
    index: int | None
    """The place in a mapped task, from 0; absent for a task that is not mapped."""
    number: int
    """The attempt's number, from 1."""
    state: str
    """Queued or Running as its Pod shows, then as its TaskRun accounts for it."""
    created_at: Time | None
    """When the Pod was created; absent if it was never seen."""
    started_at: Time | None
    """When the container started."""
    finished_at: Time | None
    """When it ended."""
    reason: str | None
    """Why it ended as it did, in a word."""


_SPANS: Final = Keyset((TaskRunRow.task, TaskRunRow.map_index, AttemptRow.number))  # type: ignore[arg-type]
_ANYTHING: Final = TypeAdapter[Any](Any)
_MADE: Final = ("index", "waiting_for", "output", "attempts")


def list_tasks(session: Session, run_uid: str, asked: TaskQuery) -> Page[TaskLine]:
    """A page of the run's tasks that have begun to exist, by name and index."""
    query = select(*columns(TaskRunRow, TaskLine, _MADE), TaskRunRow.map_index, TaskRunRow.waiting_for)
    query = query.where(TaskRunRow.run_uid == run_uid)
    if asked.state:
        query = query.where(TaskRunRow.state.in_([state.value for state in asked.state]))
    if asked.task is not None:
        query = query.where(TaskRunRow.task == asked.task)
    rows = session.execute(_ORDER.page(query, asked)).all()
    return paged_by(rows, asked, ("task", "map_index"), lambda row: TaskLine.of(row, **_readable(row)))


def one_task(session: Session, run_uid: str, task: str, index: int | None) -> TaskDetail | None:
    """The task; None when the run has none that has begun."""
    kept = columns(TaskRunRow, TaskDetail, _MADE)
    query = select(*kept, TaskRunRow.map_index, TaskRunRow.waiting_for, TaskRunRow.output, TaskRunRow.uid)
    row = session.execute(
        query.where(
            TaskRunRow.run_uid == run_uid,
            TaskRunRow.task == task,
            TaskRunRow.map_index == (NOT_MAPPED if index is None else index),
        )
    ).one_or_none()
    if row is None:
        return None
    attempts = _attempts(session, row.uid) if row.uid is not None else []
    return TaskDetail.of(row, **_readable(row), output=_parsed(row.output), attempts=attempts)


def list_spans(session: Session, run_uid: str, asked: PageQuery) -> Page[Span]:
    """A page of the attempts of all tasks of the run, by name, index and number."""
    query = select(TaskRunRow.task, TaskRunRow.map_index, *columns(AttemptRow, Span, ("task", "index")))
    query = query.join(TaskRunRow, TaskRunRow.uid == AttemptRow.task_run_uid).where(TaskRunRow.run_uid == run_uid)
    rows = session.execute(_SPANS.page(query, asked)).all()
    return paged_by(
        rows,
        asked,
        ("task", "map_index", "number"),
        lambda row: Span.of(row, index=None if row.map_index == NOT_MAPPED else row.map_index),
    )


def instance_states(session: Session, run_uid: str) -> dict[str, TaskState]:
    """Where each instance of the run stands."""
    query = select(TaskRunRow.task, TaskRunRow.map_index, TaskRunRow.state).where(TaskRunRow.run_uid == run_uid)
    return {
        instance_id(row.task, None if row.map_index == NOT_MAPPED else row.map_index): TaskState(row.state)
        for row in session.execute(query)
    }


def state_counts(session: Session, run_uids: Sequence[str]) -> Sequence[AnyRow]:
    """For each run, task and state how many instances stand so; `place` is NOT_MAPPED for one that is not mapped."""
    query = select(
        TaskRunRow.run_uid,
        TaskRunRow.task,
        TaskRunRow.state,
        func.min(TaskRunRow.map_index).label("place"),
        func.count().label("number"),
        func.max(TaskRunRow.attempt).label("attempt"),
    )
    query = query.where(TaskRunRow.run_uid.in_(run_uids))
    return session.execute(query.group_by(TaskRunRow.run_uid, TaskRunRow.task, TaskRunRow.state)).all()


def _attempts(session: Session, task_run_uid: str) -> list[AttemptLine]:
    query = select(*columns(AttemptRow, AttemptLine)).where(AttemptRow.task_run_uid == task_run_uid)
    return AttemptLine.all_of(session.execute(query.order_by(AttemptRow.number.desc()).limit(MOST_ATTEMPTS)))


def _readable(row: AnyRow) -> dict[str, Any]:
    return {
        "index": None if row.map_index == NOT_MAPPED else row.map_index,
        "waiting_for": [Wait(**each) for each in row.waiting_for],
    }


def _parsed(output: str | None) -> Any:
    """The value; the text itself where that is no JSON, or none that can be sent on: half a surrogate, or too deep."""
    try:
        value = json.loads(output, parse_constant=_no_number) if output is not None else None
        json.dumps(_ANYTHING.dump_python(value, mode="json"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return output
    return value


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
