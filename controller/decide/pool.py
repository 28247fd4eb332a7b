"""A Pool and who holds and wants its slots -> its status; a Dag and the pools it needs -> which of them fall short.

A status that changed is written at most once in `progress_every`, so a busy pool costs a write every few seconds.
"""

import functools
from collections.abc import Mapping
from datetime import datetime

from controller.decide.validity import judge_spec
from controller.model.action import Decision, Kind, WriteStatus
from controller.model.conditions import with_condition
from controller.model.metadata import Key
from controller.model.pool import DEFAULT_POOL, DEFAULT_POOL_SLOTS, Pool, PoolSpec
from controller.model.schema import Condition
from controller.model.snapshot import PoolSnapshot
from controller.model.status_patch import status_patch


def decide_pool(snapshot: PoolSnapshot, now: datetime) -> Decision:
    """What becomes of the Pool's status now."""
    pool = snapshot.pool
    if pool.meta.deleting_since is not None:
        return Decision()
    if snapshot.status_written_at is not None:
        turn = snapshot.status_written_at + snapshot.policy.progress_every
        if now < turn:
            return Decision(wake_at=turn)
    status, reason, message = _ready(pool.spec, snapshot.used)
    ready = Condition(
        type="Ready",
        status=status,
        reason=reason,
        message=message,
        last_transition_time=now,
        observed_generation=pool.meta.generation,
    )
    after = pool.status.model_copy(
        update={
            "used": snapshot.used,
            "queued": snapshot.queued,
            "holders": snapshot.holders,
            "observed_generation": pool.meta.generation,
            "conditions": with_condition(pool.status.conditions, ready),
        }
    )
    patch = status_patch(pool.status, after)
    return Decision((WriteStatus(Kind.POOL, pool.meta, patch),) if patch else ())


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


def _ready(spec: PoolSpec, used: int) -> tuple[str, str, str]:
    if spec.slots == 0:
        return "False", "NoSlots", "The pool has no slots, so nothing starts"
    if spec.slots != -1 and used > spec.slots:
        return "True", "Shrunk", f"More slots are taken than the {spec.slots} that there are, until tasks end"
    return "True", "InUse", ""
