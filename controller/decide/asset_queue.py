"""A Dag that waits for assets, and their updates -> its queue, and the run that answers for what is queued.

    an update --noted--> queued --the rule holds--> making --the run is created--> gone

Each arrow is one write of the Dag's status. A run stands there, name and all, before it is created, so a crash at any
moment meets the same run again, and an update that comes meanwhile waits for the next one. A TaskRun's update counts as
new until its id is in `noted`, and stays in the snapshot until the TaskRun itself says that it was noted: so nothing
depends on clocks or on the order of events, and an id can be forgotten once nobody asks for it any more.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from controller.decide.asset_rules import assets_of, rule_holds
from controller.model.assets import (
    MOST_ASSETS,
    NOTED_AT_ONCE,
    UPDATES_KEPT,
    AssetMarker,
    AssetQueue,
    AssetRule,
    AssetRun,
    AssetUpdate,
    Update,
)
from controller.model.names import asset_run_name

_FORGOTTEN_TOGETHER: Final = 100
"""Ids that nobody asks for any more are taken out with the next update, or once there are so many."""


def with_updates(queue: AssetQueue | None, rule: AssetRule | None, updates: Sequence[Update]) -> AssetQueue:
    """The queue with these updates noted; without a rule it goes on for the assets that it was for."""
    before = queue or AssetQueue()
    waits_for = before.waits_for if rule is None else assets_of(rule)
    open_ids = {update.id for update in updates}
    kept = tuple(each for each in before.noted if each in open_ids)
    known = set(before.noted)
    fresh = sorted((each for each in updates if each.id not in known), key=lambda each: (each.at, each.id))
    fresh = fresh[: min(NOTED_AT_ONCE, 2 * NOTED_AT_ONCE - len(kept))]
    noted = (*kept, *(each.id for each in fresh))
    if not fresh and len(before.noted) - len(kept) < _FORGOTTEN_TOGETHER:
        noted = before.noted
    queued = {name: marker for name, marker in before.queued.items() if name in waits_for}
    for asset in waits_for:
        mine = [_of(asset, each) for each in fresh if asset in each.assets]
        if mine:
            queued[asset] = _marker(queued.get(asset), mine)
    return before.model_copy(update={"waits_for": waits_for, "queued": dict(sorted(queued.items())), "noted": noted})


def with_run(queue: AssetQueue, rule: AssetRule, dag: str, now: datetime) -> AssetQueue:
    """The queue with all that was queued moved into a run, where the rule holds; else as it is."""
    if not rule_holds(rule, queue.queued):
        return queue
    updates = sorted(
        (update for marker in queue.queued.values() for update in marker.updates),
        key=lambda update: (update.at, update.task_run, update.asset),
    )
    number = queue.runs + 1
    run = AssetRun(name=asset_run_name(dag, now, number), at=now, updates=tuple(updates[-MOST_ASSETS:]))
    return queue.model_copy(update={"queued": {}, "runs": number, "making": run})


def _of(asset: str, update: Update) -> AssetUpdate:
    return AssetUpdate(asset=asset, task_run=update.task_run, attempt=update.attempt, at=update.at)


def _marker(before: AssetMarker | None, updates: Iterable[AssetUpdate]) -> AssetMarker:
    fresh = tuple(updates)
    count, known = (before.count, before.updates) if before is not None else (0, ())
    return AssetMarker(count=count + len(fresh), updates=(*known, *fresh)[-UPDATES_KEPT:])
