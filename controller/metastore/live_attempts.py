"""The SQL by which tasks and attempts follow one another, beyond the rows of one object.

A Pod's news are shown at once by the task that waits for it; attempts of a task that is gone end with it.
"""

from functools import cache

from sqlalchemy import Update, bindparam, case, func, literal, select, update

from controller.metastore.columns import PlainJson
from controller.metastore.statements import DELETED_MESSAGE
from controller.metastore.tables import AttemptRow, TaskRunRow, table
from controller.model.states import TaskState


@cache
def show_live_attempts() -> Update:
    """Let the tasks `uids` that wait, by their own status, look as their newest attempt's Pod does."""
    task, attempt = table(TaskRunRow), table(AttemptRow)
    newest = (
        select(func.max(attempt.c.number)).where(attempt.c.task_run_uid == task.c.uid).correlate(task).scalar_subquery()
    )
    waiting = [TaskState.SCHEDULED.value, TaskState.QUEUED.value, TaskState.UP_FOR_RETRY.value]
    running = attempt.c.state == TaskState.RUNNING.value
    return (
        update(task)
        .where(
            task.c.uid.in_(bindparam("uids", expanding=True)),
            task.c.deleted_at.is_(None),
            task.c.state.in_(waiting),
            attempt.c.task_run_uid == task.c.uid,
            attempt.c.number == newest,
            attempt.c.number >= task.c.attempt,
            attempt.c.account_version == 0,
        )
        .values(
            state=attempt.c.state,
            attempt=attempt.c.number,
            pod=attempt.c.pod,
            node=attempt.c.node,
            started_at=attempt.c.started_at,
            finished_at=None,
            exit_code=None,
            reason=case((running, None), else_=attempt.c.reason),
            message=case((running, None), else_=attempt.c.message),
            waiting_for=case((running, literal([], PlainJson())), else_=task.c.waiting_for),
            change=bindparam("counted"),
        )
    )


@cache
def end_attempts_of_deleted() -> Update:
    """End those attempts of the tasks `uids` that nothing will account for any more."""
    task, attempt = table(TaskRunRow), table(AttemptRow)
    return (
        update(attempt)
        .where(
            attempt.c.task_run_uid.in_(bindparam("uids", expanding=True)),
            attempt.c.task_run_uid == task.c.uid,
            attempt.c.account_version == 0,
            task.c.deleted_at.is_not(None),
        )
        .values(
            state=TaskState.FAILED.value,
            reason="Deleted",
            message=DELETED_MESSAGE,
            finished_at=func.coalesce(attempt.c.finished_at, task.c.deleted_at),
            change=bindparam("counted"),
        )
    )
