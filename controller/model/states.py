"""State -> what may follow from it: the two state machines of Slipway as tables.

A task instance (TaskRun)                         A run (DagRun)

    Scheduled -> Queued -> Running -> Success         Queued -> Running -> Success
                   ^          |----> Failed                        |----> Failed
                   |          |----> Skipped
                   +-- UpForRetry <-+

Skipped, UpstreamFailed and Removed are also reached without ever running. A final state is left only by an
explicit clear. Names on resources are CamelCase; Airflow's lower-case names are derived (`airflow_name`).
"""

import re
from enum import StrEnum
from typing import Final


class TaskState(StrEnum):
    """Where one task instance stands."""

    SCHEDULED = "Scheduled"
    QUEUED = "Queued"
    RUNNING = "Running"
    SUCCESS = "Success"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    UPSTREAM_FAILED = "UpstreamFailed"
    UP_FOR_RETRY = "UpForRetry"
    DEFERRED = "Deferred"
    REMOVED = "Removed"


class RunState(StrEnum):
    """Where one run stands."""

    QUEUED = "Queued"
    RUNNING = "Running"
    SUCCESS = "Success"
    FAILED = "Failed"


TASK_FAILED: Final = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
TASK_SUCCEEDED: Final = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
TASK_FINAL: Final = TASK_FAILED | TASK_SUCCEEDED | {TaskState.REMOVED}
RUN_FINAL: Final = frozenset({RunState.SUCCESS, RunState.FAILED})


def airflow_name(state: TaskState | RunState) -> str:
    """Airflow's lower-case spelling: `UpForRetry` -> `up_for_retry`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", state.value).lower()
