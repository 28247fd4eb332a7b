"""A task's success -> the assets that it updated, and the word that the Dags that wait for them have noted it.

The update stands in the account of the attempt, in the very write that makes the task a success. It stays open until
every Dag that waits for one of the assets has it in its own status; then the TaskRun says so, in a write that nobody
waits for. Where no Dag waits for the assets there is nothing to note, and no such write.
"""

from controller.decide.attempt import Outcome
from controller.decide.task.case import Case
from controller.model.action import Action, Kind, WriteStatus
from controller.model.snapshot import TaskSnapshot
from controller.model.states import TaskState
from controller.model.taskrun import TaskRunStatus


def with_updates(case: Case, outcome: Outcome, after: TaskRunStatus) -> TaskRunStatus:
    """The status with what the attempt updated: only a success of its own does, not one that a person gave the task."""
    updates = tuple(dict.fromkeys(case.task.written.updates))
    if not updates or outcome.state is not TaskState.SUCCESS or outcome.fault is not None:
        return after
    *before, last = after.attempts
    is_awaited = any(asset in case.snapshot.awaited for asset in updates)
    told = {"attempts": (*before, last.model_copy(update={"updates": updates}))}
    return after.model_copy(update=told if is_awaited else told | {"noted": last.number})


def note(snapshot: TaskSnapshot) -> tuple[Action, ...]:
    """Say that what the task has updated was noted, once it was."""
    open_ = snapshot.task_run.unnoted
    if not open_ or not snapshot.noted:
        return ()
    return (WriteStatus(Kind.TASK_RUN, snapshot.task_run.meta, {"noted": open_[-1].attempt}),)
