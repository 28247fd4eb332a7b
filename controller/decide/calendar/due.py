"""A Timetable and what is remembered of a Dag -> the slots to run, those due now first.

Everything follows from one line of slots, `coming`: where it begins is decided once, by the table below; from there on
each slot follows the one before. `due` is its beginning up to now, a preview the rest, so they can't differ.

    the Dag         without a run of its schedule                         with one
    catchup         from the start of the schedule                        after the last
    wait            after it was enabled  \\ of those, missedRuns drops    after the last, where missedRuns drops
    run-latest      the newest past slot  / the ones that were missed     the ones that were missed

An edit of the schedule enables it anew: a slot that only the edited schedule says has passed never counts.

A slot is past once it is due. `latest` drops all past slots but the newest, `none` those that came due when nobody
looked, `all` none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from controller.decide.calendar.slots import Slot, Timetable
from controller.model.schedule import MissedRuns, OnEnable, Schedule, ScheduleMode


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a Dag when its next slots are decided. Only `now` may run backwards."""

    now: datetime
    last: datetime | None = None
    """The logical date of the newest run that the schedule made; None = it made none yet."""
    enabled_at: datetime | None = None
    """When the schedule was first seen, unpaused and valid, as it is; None = now, but where there is a `last` it does
    not matter."""
    awake_since: datetime | None = None
    """Since when slots have been looked for without a break: the later of this controller's start and the end of the
    Dag's pause, less the grace that a restart deserves; None = now. Only `missedRuns: none` asks."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the schedule asks for at an instant."""

    slots: tuple[Slot, ...]
    """The runs to create now, the oldest first."""
    next_at: datetime | None
    """When to ask again: the slot after these is due then (past, if the limit cut them). None = never."""


def due(timetable: Timetable, seen: Seen, limit: int) -> Due:
    """The slots that are due at `seen.now`, at most `limit`; asked again with a later `last`, the ones after them."""
    ready: list[Slot] = []
    for slot in coming(timetable, seen):
        if slot.run_after > seen.now or len(ready) >= limit:
            return Due(tuple(ready), slot.run_after)
        ready.append(slot)
    return Due(tuple(ready), None)


def coming(timetable: Timetable, seen: Seen) -> Iterator[Slot]:
    """The slots that will run if nothing else is missed, the oldest first; endless unless the schedule ends."""
    slot = _first(timetable, seen)
    if slot is not None and timetable.ends_before(slot):
        return
    while slot is not None:
        yield slot
        slot = timetable.after(slot.logical_date)


def next_runs(
    schedule: Schedule, now: datetime, last: datetime | None, on_enable: OnEnable | None, count: int
) -> list[Slot]:
    """The next `count` runs as of `now`, fewer when the schedule ends; without `last` the Dag was enabled just now."""
    if on_enable is not None:
        schedule = schedule.model_copy(update={"on_enable": on_enable})
    return list(islice(coming(Timetable.of(schedule), Seen(now, last)), count))


def _first(timetable: Timetable, seen: Seen) -> Slot | None:
    """The slot with which the line begins; it may lie after the schedule's end, and then nothing is left."""
    if timetable.catchup and timetable.start is not None:
        return timetable.at_or_after(timetable.start) if seen.last is None else timetable.after(seen.last)
    enabled_at = seen.enabled_at or seen.now
    if seen.last is not None:
        oldest = _after_last(timetable, seen.last, seen.enabled_at)
    elif _runs_at_once(timetable):
        oldest = timetable.newest_due(enabled_at) or timetable.first_due_after(enabled_at)
    else:
        oldest = timetable.first_due_after(enabled_at)
    return oldest and _not_missed(timetable, seen, oldest)


def _after_last(timetable: Timetable, last: datetime, enabled_at: datetime | None) -> Slot | None:
    oldest = timetable.after(last)
    if oldest is None or enabled_at is None or oldest.run_after > enabled_at:
        return oldest
    return timetable.first_due_after(enabled_at)


def _not_missed(timetable: Timetable, seen: Seen, oldest: Slot) -> Slot | None:
    """The first slot that the policy keeps of `oldest` and all after it."""
    if timetable.missed_runs is MissedRuns.ALL:
        return oldest
    if timetable.missed_runs is MissedRuns.NONE and (seen.last is not None or not _runs_at_once(timetable)):
        kept = timetable.first_due_after(seen.awake_since or seen.now)
        return kept and _newer(oldest, kept)
    return _newer(oldest, timetable.newest_due(seen.now))


def _runs_at_once(timetable: Timetable) -> bool:
    """Whether a Dag just enabled takes the newest past slot; a trigger without a start has no past."""
    has_past = timetable.start is not None or timetable.mode is ScheduleMode.INTERVAL
    return timetable.on_enable is OnEnable.RUN_LATEST and has_past


def _newer(oldest: Slot, wanted: Slot | None) -> Slot:
    return oldest if wanted is None or wanted.logical_date < oldest.logical_date else wanted
