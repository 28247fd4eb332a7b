"""Owner and part -> the one name, label or annotation it has: names make every create happen at most once.

    scheduled run   <dag>-<yyyymmddthhmmss>         etl-20260101t060000
    task            <run>-<task>[-<index>]          etl-20260101t060000-load
    Pod             <taskrun>-<try>                 etl-20260101t060000-load-1

A name over 63 characters is cut and ends in a hash of the whole, so that it stays unique and stays the same.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

GROUP: Final = "slipway.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"

LABEL_DAG: Final = f"{GROUP}/dag"
LABEL_RUN: Final = f"{GROUP}/run"
LABEL_TASK: Final = f"{GROUP}/task"
LABEL_TRY: Final = f"{GROUP}/try"
POD_FINALIZER: Final = f"{GROUP}/result"

MAX_LENGTH: Final = 63
_HASH_LENGTH: Final = 10


def fit(name: str) -> str:
    """`name` itself, or its head and a hash of it where it is longer than a label may be."""
    if len(name) <= MAX_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: MAX_LENGTH - _HASH_LENGTH - 1].rstrip('-.')}-{digest}"


def stamp(at: datetime) -> str:
    """`20260101t060000`, in UTC: a time as a part of a name."""
    return at.astimezone(UTC).strftime("%Y%m%dt%H%M%S")


def scheduled_run_name(dag: str, logical_date: datetime) -> str:
    """The one name a Dag's run for this logical date can have."""
    return fit(f"{dag}-{stamp(logical_date)}")


def task_run_name(run: str, task: str, index: int | None = None) -> str:
    """The one name a run's task (or its mapped instance) can have."""
    return fit(f"{run}-{task}" if index is None else f"{run}-{task}-{index}")


def pod_name(task_run: str, attempt: int) -> str:
    """The one name an attempt's Pod can have; attempts count from 1."""
    return fit(f"{task_run}-{attempt}")


def revision_name(dag: str, spec_json: str) -> str:
    """The name of the immutable snapshot of a Dag's spec: equal specs, equal names."""
    return fit(f"{dag}-{hashlib.sha256(spec_json.encode()).hexdigest()[:_HASH_LENGTH]}")
