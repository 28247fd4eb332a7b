"""One attempt of a task: its Pod, and what was archived of it before the Pod went."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.tables import NOT_MAPPED, AttemptRow, TaskRunRow


@dataclass(frozen=True, slots=True)
class AttemptPod:
    """The Pod of an attempt."""

    pod: str
    pod_uid: str | None
    """None if it was never seen."""
    reason: str | None
    """Why the attempt ended as it did, in a word."""
    message: str | None
    """The same in a sentence."""


def newest_attempt(session: Session, run_uid: str, task: str, index: int | None) -> int | None:
    """The number of the task's newest attempt; None when the run has no such task that has begun."""
    query = select(TaskRunRow.attempt).where(
        TaskRunRow.run_uid == run_uid,
        TaskRunRow.task == task,
        TaskRunRow.map_index == (NOT_MAPPED if index is None else index),
    )
    return session.execute(query).scalar_one_or_none()


def attempt_pod(session: Session, run_uid: str, place: tuple[str, int | None], number: int) -> AttemptPod | None:
    """The Pod of the attempt of the task at this place, its name and index; None when there is no such attempt."""
    task, index = place
    query = (
        select(AttemptRow.pod, AttemptRow.pod_uid, AttemptRow.reason, AttemptRow.message)
        .join(TaskRunRow, TaskRunRow.uid == AttemptRow.task_run_uid)
        .where(
            TaskRunRow.run_uid == run_uid,
            TaskRunRow.task == task,
            TaskRunRow.map_index == (NOT_MAPPED if index is None else index),
            AttemptRow.number == number,
        )
    )
    row = session.execute(query).one_or_none()
    return AttemptPod(*row) if row is not None else None
