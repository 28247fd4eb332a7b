"""How long what has ended is kept: what a Dag says of it, and what counts where the Dag is silent.

    resources   runs in the API server, with their TaskRuns, Pods and Approvals
    rows        runs in the metastore, with all that belongs to them
    pods        Pods alone, sooner than their run

A run goes once it is beyond one of the limits of its state, be it the count or the age.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from controller.model.schema import Duration, Int, Written
from controller.model.states import RunState

Count = Annotated[Int, Field(ge=0, le=1_000_000)]


class History(Written):
    """Limits for runs that have ended, by state."""

    keep_succeeded: Count | None = None
    """So many of the newest succeeded runs are kept, such as 20; 0 = no limit. Default: the installation's."""
    keep_failed: Count | None = None
    """So many of the newest failed runs are kept; 0 = no limit. Default: the installation's."""
    succeeded_for: Duration | None = None
    """How long a succeeded run is kept after its end, such as 12h or 7d. Default: the installation's."""
    failed_for: Duration | None = None
    """How long a failed run is kept after its end, such as 30d. Default: the installation's."""


class PodHistory(Written):
    """Limits for Pods that have ended; without one they stay until their run goes."""

    succeeded_for: Duration | None = None
    """How long a succeeded Pod is kept after its end, such as 10m. Default: as long as its run."""
    failed_for: Duration | None = None
    """How long a failed Pod is kept after its end, such as 1d. Default: as long as its run."""


class Retention(Written):
    """How long what has ended is kept."""

    resources: History = History()
    """Runs in the API server. They go only after their rows are written."""
    rows: History = History()
    """Runs in the metastore, with tasks, attempts, logs and all. They stay at least as long as the resources."""
    pods: PodHistory = PodHistory()
    """Pods, where they shall go sooner than their run; their logs are archived before."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is kept of one state; None = no limit."""

    most: int | None = None
    age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept of each state."""

    succeeded: Limit = field(default_factory=Limit)
    failed: Limit = field(default_factory=Limit)

    def of(self, state: RunState) -> Limit:
        """The limit of runs that ended so."""
        return self.succeeded if state is RunState.SUCCESS else self.failed


def limits_of(history: History, default: Limits) -> Limits:
    """What counts: the Dag's own word, else the installation's."""
    return Limits(
        _limit(history.keep_succeeded, history.succeeded_for, default.succeeded),
        _limit(history.keep_failed, history.failed_for, default.failed),
    )


def limit_of(count: int, days: int) -> Limit:
    """The limit that two settings name; 0 = none."""
    return Limit(count or None, timedelta(days=days) if days else None)


def _limit(count: int | None, age: timedelta | None, default: Limit) -> Limit:
    return Limit(default.most if count is None else count or None, default.age if age is None else age)
