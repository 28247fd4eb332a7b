"""The schedule of a Dag: when runs are created by themselves."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from controller.model.assets import AssetRule
from controller.model.schema import Bool, Duration, Timestamp, Written


class ScheduleMode(StrEnum):
    """What a slot of the schedule means."""

    TRIGGER = "trigger"
    INTERVAL = "interval"


class OnEnable(StrEnum):
    """What happens when a Dag without catch-up is first seen."""

    WAIT = "wait"
    RUN_LATEST = "run-latest"


class MissedRuns(StrEnum):
    """What becomes of the slots that passed while nothing could run."""

    LATEST = "latest"
    NONE = "none"
    ALL = "all"


class Gap(StrEnum):
    """What a local time that a clock change leaves out becomes."""

    SHIFT = "shift"
    SKIP = "skip"


class Overlap(StrEnum):
    """Which of the two instants a doubled local time means."""

    LATER = "later"
    EARLIER = "earlier"
    BOTH = "both"


class DstPolicy(Written):
    """How fixed local times meet a clock change. An hour field that covers all 24 hours is not concerned."""

    gap: Gap = Gap.SHIFT
    """A local time that does not exist: `shift` runs it later by the gap, `skip` leaves it out. Default shift."""
    overlap: Overlap = Overlap.LATER
    """A local time that exists twice: run the `later` one, the `earlier` one or `both`. Default later."""


CronText = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Schedule(Written):
    """When runs are created by themselves: by time (one of cron, crons and every), by assets, or by either."""

    cron: CronText | None = None
    """Five cron fields, or a preset: @hourly @daily @weekly @monthly @quarterly @yearly. Example `0 6 * * *`."""
    crons: Annotated[tuple[CronText, ...], Field(min_length=1, max_length=100)] | None = None
    """Several cron texts; an instant that two of them name makes one run."""
    every: Duration | None = None
    """A fixed span such as `6h`, counted from `start`, which it needs."""
    assets: AssetRule | None = None
    """Runs that follow updates of assets: `{all: [orders, {any: [rates, s3://lake/rates]}]}`. Beside a cron, a run
    comes for either."""
    timezone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "UTC"
    """The IANA zone that cron's local times are in, such as Europe/Zurich. Default UTC."""
    start: Timestamp | None = None
    """The earliest logical date, included."""
    end: Timestamp | None = None
    """The latest logical date, included. Absent = no end."""
    mode: ScheduleMode = ScheduleMode.TRIGGER
    """`trigger`: a run starts at its slot and the logical date is that time. `interval`: a run starts when the data
    interval between two slots has ended and the logical date is its beginning. Default trigger."""
    catchup: Bool = False
    """Whether every slot since `start` gets a run, the oldest first. Needs `start`. Default false."""
    on_enable: OnEnable = OnEnable.WAIT
    """Without catch-up, when the Dag is first seen: `wait` for the next slot, or `run-latest` past slot at once.
    Default wait."""
    missed_runs: MissedRuns = MissedRuns.LATEST
    """Without catch-up, slots missed while the Dag was paused or the controller down: run the `latest` of them, `none`
    or `all`. Default latest."""
    dst: DstPolicy = DstPolicy()
    """How local times meet a clock change."""

    @property
    def has_times(self) -> bool:
        """Whether there are slots, and not assets alone."""
        return self.cron is not None or self.crons is not None or self.every is not None
