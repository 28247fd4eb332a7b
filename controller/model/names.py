"""Owner and part -> the one name, label or annotation it has: names make every create happen at most once.

    scheduled run   <dag>-<yyyymmddthhmmss>         etl-20260101t060000
    asset run       <dag>-<time>-a<number>          etl-20260101t061530-a3
    task            <run>-<task>[-<index>]          etl-20260101t060000-load
    Pod, Approval   <taskrun>-<try>                 etl-20260101t060000-load-1
    triggered run   <taskrun>-<try>-<hash>          etl-20260101t060000-next-1-5f3a0c

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
LABEL_BACKFILL: Final = f"{GROUP}/backfill"
"""Of a run that a backfill made or cleared: the backfill, whose runs have a limit of their own."""
ANNOTATION_RESTORED_FROM: Final = f"{GROUP}/restored-from"
"""Of an object that `slipway restore` made: the uid of the one that it stands for."""
ANNOTATION_CREATED_AT: Final = f"{GROUP}/created-at"
"""Of such an object: when that one was created, which counts as its own creation."""
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


def asset_run_name(dag: str, at: datetime, number: int) -> str:
    """The one name the Dag's `number`-th run that follows updates of assets can have."""
    return fit(f"{dag}-{stamp(at)}-a{number}")


def task_run_name(run: str, task: str, index: int | None = None) -> str:
    """The one name a run's task (or its mapped instance) can have."""
    return fit(f"{run}-{task}" if index is None else f"{run}-{task}-{index}")


def pod_name(task_run: str, attempt: int) -> str:
    """The one name an attempt's Pod can have; attempts count from 1."""
    return fit(f"{task_run}-{attempt}")


def approval_name(task_run: str, attempt: int) -> str:
    """The one name of the question that an attempt asks."""
    return pod_name(task_run, attempt)


def triggered_run_name(task_run: str, uid: str, attempt: int) -> str:
    """The one name of the run that an attempt makes.

    The TaskRun's uid is in it: a TaskRun that was deleted and made anew must not take the old one's run, which stays,
    for its own.
    """
    return fit(f"{task_run}-{attempt}-{hashlib.sha256(uid.encode()).hexdigest()[:6]}")


def revision_name(dag: str, spec_json: str) -> str:
    """The name of the immutable snapshot of a Dag's spec: equal specs, equal names."""
    return fit(f"{dag}-{hashlib.sha256(spec_json.encode()).hexdigest()[:_HASH_LENGTH]}")
