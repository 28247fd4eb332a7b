"""A Dag's past -> the runs, backfills and revisions that have had their time and go from the API server.

    a run that has ended stays while       it is within the limits of its state, by count and by age,
                                           or something at work still looks at it (observe/history.py says who),
                                           or its rows are not committed, or its Pods not released
    a backfill likewise, and while         one of its runs is there
    a revision while                       it is today's, a run or an unfinished backfill refers to it, or it is young

What is deleted changes no decision: whoever looks at ended runs is asked first. A Dag at fault loses nothing, as
nobody knows what its limits would be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from controller.decide.validity import judge_spec
from controller.model.action import Collect, Decision, Kind
from controller.model.backfill import Backfill, BackfillState
from controller.model.metadata import Key
from controller.model.plan import Plan
from controller.model.retention import Limit, Limits, limits_of
from controller.model.snapshot import RetentionSnapshot

COLLECTED_AT_ONCE: Final = 50
"""What one look deletes at most; the next one follows soon."""
AGAIN_AFTER: Final = timedelta(seconds=1)
UNRECORDED_AFTER: Final = timedelta(seconds=10)
"""When runs are looked at again whose rows are not committed."""
MOST_UNRECORDED: Final = 100
"""After so many runs whose rows are not committed a look ends: the database is away, and those after them wait too."""

End = tuple[datetime, Key]


@dataclass(slots=True)
class _Look:
    """What one look has found so far."""

    now: datetime
    collects: list[Collect] = field(default_factory=list)
    wakes: list[datetime] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.collects) >= COLLECTED_AT_ONCE

    def decision(self) -> Decision:
        if self.is_full:
            self.wakes.append(self.now + AGAIN_AFTER)
        return Decision(tuple(self.collects), min(self.wakes, default=None))


def decide_retention(snapshot: RetentionSnapshot, now: datetime) -> Decision:
    """What goes now, and when the next is due."""
    dag, policy, look = snapshot.dag, snapshot.policy, _Look(now)
    if dag is None:
        plan, limits = None, policy.resources
    elif dag.meta.deleting_since is not None or (plan := judge_spec(dag.spec_json).plan) is None:
        return Decision()
    else:
        limits = limits_of(plan.spec.retention.resources, policy.resources)
    counted = frozenset(key for _, key in _last(snapshot.last_ended, plan))
    for state, ends in snapshot.ended.items():
        _collect_runs(snapshot, look, _beyond(ends, limits.of(state), look), counted)
    _collect_backfills(snapshot, look, limits)
    _collect_revisions(snapshot, look)
    return look.decision()


def _last(ends: Sequence[End], plan: Plan | None) -> Sequence[End]:
    """The runs that are counted when failed ones in a row hold the Dag."""
    count = plan.spec.pause_after_failed_runs if plan is not None else 0
    return ends[-count:] if count else ()


def _beyond(ends: Sequence[End], limit: Limit, look: _Look) -> Iterator[Key]:
    """Those beyond the limit, the oldest first; when the next one will be is noted."""
    too_many = len(ends) - limit.most if limit.most is not None else 0
    for place, (ended_at, key) in enumerate(ends):
        if place >= too_many:
            if limit.age is None:
                return
            if ended_at + limit.age > look.now:
                look.wakes.append(ended_at + limit.age)
                return
        yield key


def _collect_runs(snapshot: RetentionSnapshot, look: _Look, keys: Iterator[Key], counted: frozenset[Key]) -> None:
    unrecorded = 0
    for key in keys:
        if look.is_full or unrecorded >= MOST_UNRECORDED:
            return
        if key in counted or _is_needed(snapshot, key):
            continue
        if key in snapshot.recorded:
            look.collects.append(Collect(Kind.DAG_RUN, snapshot.runs[key].meta))
            continue
        unrecorded += 1
        look.wakes.append(look.now + UNRECORDED_AFTER)


def _is_needed(snapshot: RetentionSnapshot, key: Key) -> bool:
    run = snapshot.runs[key]
    date = run.spec.logical_date
    if snapshot.needed_from is not None and date is not None and date >= snapshot.needed_from:
        return True
    return run.meta.deleting_since is not None or key in snapshot.needed


def _collect_backfills(snapshot: RetentionSnapshot, look: _Look, limits: Limits) -> None:
    ended = {each.meta.key: each for each in snapshot.backfills if each.meta.deleting_since is None}
    for state, limit in ((BackfillState.SUCCESS, limits.succeeded), (BackfillState.FAILED, limits.failed)):
        ends = sorted((_end(each), key) for key, each in ended.items() if each.status.state is state)
        for key in _beyond(ends, limit, look):
            if key in snapshot.recorded_others and not look.is_full:
                look.collects.append(Collect(Kind.BACKFILL, ended[key].meta))


def _end(backfill: Backfill) -> datetime:
    return backfill.status.finished_at or backfill.meta.created_at


def _collect_revisions(snapshot: RetentionSnapshot, look: _Look) -> None:
    age = snapshot.policy.keep_revisions_for
    for revision in snapshot.revisions if age is not None and snapshot.dag is not None else ():
        due_at = revision.meta.created_at + (age or timedelta(0))
        if due_at > look.now:
            look.wakes.append(due_at)
        elif revision.meta.key in snapshot.recorded_others and not look.is_full:
            look.collects.append(Collect(Kind.REVISION, revision.meta))
