"""A Pool and who holds and wants its slots -> its status; a Dag and the pools it needs -> which of them fall short.

A status that changed is written at most once in `progress_every`, so a busy pool costs a write every few seconds.

Condition Exhausted is True while all slots are taken and tasks wait, and for ten minutes at least. So a pool that is
full now and then, each minute, is told of by one Event and not by sixty.
"""

import functools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from controller.decide.validity import judge_spec
from controller.model.action import Action, Decision, Kind, Tell, WriteStatus
from controller.model.conditions import with_condition
from controller.model.metadata import Key
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS, Pool, PoolSpec
from controller.model.schema import Condition
from controller.model.snapshot import PoolSnapshot
from controller.model.status_patch import status_patch

EXHAUSTED_FOR: Final = timedelta(minutes=10)
"""The least time for which a pool is called exhausted."""


def decide_pool(snapshot: PoolSnapshot, now: datetime) -> Decision:
    """What becomes of the Pool's status now."""
    pool = snapshot.pool
    if pool.meta.deleting_since is not None:
        return Decision()
    if snapshot.status_written_at is not None:
        turn = snapshot.status_written_at + snapshot.policy.progress_every
        if now < turn:
            return Decision(wake_at=turn)
    exhausted, wake_at = _exhausted(snapshot, now)
    conditions = with_condition(
        pool.status.conditions, _condition(pool, "Ready", now, *_ready(pool.spec, snapshot.used))
    )
    if exhausted is not None:
        conditions = with_condition(conditions, exhausted)
    after = pool.status.model_copy(
        update={
            "used": snapshot.used,
            "queued": snapshot.queued,
            "holders": snapshot.holders,
            "observed_generation": pool.meta.generation,
            "conditions": conditions,
        }
    )
    patch = status_patch(pool.status, after)
    actions: tuple[Action, ...] = (WriteStatus(Kind.POOL, pool.meta, patch),) if patch else ()
    if exhausted is not None and exhausted.status == "True" and not _is_exhausted(pool):
        actions = (*actions, Tell(Kind.POOL, pool.meta, "PoolExhausted", exhausted.message, warning=True))
    return Decision(actions, wake_at)


def pools_fall_short(spec_json: str, namespace: str, pools: Mapping[Key, Pool]) -> str:
    """Which pools of a valid Dag are missing or too small, in one sentence; empty when none is."""
    told = []
    for name, wanted in _wanted(spec_json):
        pool = pools.get(Key(namespace, name))
        slots = pool.spec.slots if pool is not None else DEFAULT_POOL_SLOTS if name == DEFAULT_POOL else None
        if slots is None:
            told.append(f"pool {name} does not exist")
        elif slots != -1 and slots < wanted:
            told.append(f"pool {name} has {slots} slots, and a task needs {wanted}")
    sentence = "; ".join(told)[:4096]
    return sentence[:1].upper() + sentence[1:]


@functools.lru_cache(maxsize=4096)
def _wanted(spec_json: str) -> tuple[tuple[str, int], ...]:
    """The pools of a Dag, each with the most slots that one of its tasks needs."""
    plan = judge_spec(spec_json).plan
    wanted: dict[str, int] = {}
    for task in plan.tasks.values() if plan is not None else ():
        if task.has_pod:
            wanted[task.pool] = max(task.pool_slots, wanted.get(task.pool, 0))
    return tuple(sorted(wanted.items()))


def _exhausted(snapshot: PoolSnapshot, now: datetime) -> tuple[Condition | None, datetime | None]:
    """The condition where it changes, and when to look again; a pool that never was exhausted has none."""
    pool = snapshot.pool
    told, is_full = _told(pool), 0 < pool.spec.slots <= snapshot.used and snapshot.queued > 0
    if told is None or told.status != "True":
        if not is_full:
            return None, None
        message = f"All {pool.spec.slots} slots are taken, and tasks wait"
        return _condition(pool, "Exhausted", now, "True", "TasksWait", message), now + EXHAUSTED_FOR
    until = told.last_transition_time + EXHAUSTED_FOR
    if now < until:
        return None, until
    if is_full:
        return None, None  # the pool is looked at again when its queue changes
    return _condition(pool, "Exhausted", now, "False", "NoneWaits", ""), None


def _told(pool: Pool) -> Condition | None:
    return next((condition for condition in pool.status.conditions if condition.type == "Exhausted"), None)


def _is_exhausted(pool: Pool) -> bool:
    told = _told(pool)
    return told is not None and told.status == "True"


def _condition(pool: Pool, type_: str, now: datetime, *said: str) -> Condition:  # status, reason, message
    status, reason, message = said
    return Condition(
        type=type_,
        status=status,
        reason=reason,
        message=message,
        last_transition_time=now,
        observed_generation=pool.meta.generation,
    )


def _ready(spec: PoolSpec, used: int) -> tuple[str, str, str]:
    if spec.slots == 0:
        return "False", "NoSlots", "The pool has no slots, so nothing starts"
    if spec.slots != -1 and used > spec.slots:
        return "True", "Shrunk", f"More slots are taken than the {spec.slots} that there are, until tasks end"
    return "True", "InUse", ""
