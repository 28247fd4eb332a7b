"""A Dag's past in few words: runs that have ended, and what is known of them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from controller.model.action import Collect, Decision
from controller.model.backfill import Backfill, parse_backfill
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key
from controller.model.policy import Policy
from controller.model.retention import Limit, Limits
from controller.model.snapshot import RetentionSnapshot
from controller.model.states import RUN_FINAL, RunState
from tests.decide.objects import NOW, dag, meta, told

NO_LIMITS = Limits()
SPEC: Mapping[str, Any] = {"tasks": [{"name": "a", "script": "true"}]}


def key(name: str) -> Key:
    """The key of an object of the team."""
    return Key("team", name)


def kept(most: int | None = None, days: float | None = None) -> Limits:
    """The same limit for both states."""
    limit = Limit(most, timedelta(days=days) if days is not None else None)
    return Limits(limit, limit)


def ended(name: str, state: str = "Success", days_ago: float = 0, **more: Any) -> DagRun:
    """A run that ended so long ago."""
    return run_of(name, {"state": state, "finishedAt": told(-86_400 * days_ago)}, **more)


def run_of(name: str, status: Mapping[str, Any], **more: Any) -> DagRun:
    """A run of this name."""
    spec = {"dagRef": {"name": "etl"}, **more.pop("spec", {})}
    return parse_dag_run(meta(name, owner="etl", **more), {"spec": spec, "status": status})


def past(*runs: DagRun, limits: Limits = NO_LIMITS, dag_spec: Any = SPEC, **more: Any) -> RetentionSnapshot:
    """A Dag with these runs, every row of which is committed, and which nothing looks at unless said."""
    ends: dict[RunState, list[tuple[datetime, Key]]] = {state: [] for state in sorted(RUN_FINAL)}
    for each in runs:
        if each.status.state in RUN_FINAL:
            ends[each.status.state].append((each.status.finished_at or NOW, each.meta.key))
    by_end = {state: sorted(each) for state, each in ends.items()}
    fields: dict[str, Any] = {
        "dag": dag(dag_spec) if dag_spec is not None else None,
        "ended": by_end,
        "last_ended": sorted(end for each in by_end.values() for end in each),
        "runs": {each.meta.key: each for each in runs},
        "recorded": frozenset(each.meta.key for each in runs),
        "needed": frozenset(),
        "needed_from": None,
        "revisions": (),
        "backfills": (),
        "recorded_others": Everything(),
        "policy": Policy(default_task_image="i", resources=limits, keep_revisions_for=timedelta(hours=1)),
    }
    return RetentionSnapshot(**fields | more)


class Everything:
    """A collection that has all there is."""

    def __contains__(self, key: object) -> bool:
        return True


def backfill(name: str, state: str = "Success", days_ago: float = 0, **more: Any) -> Backfill:
    """A backfill that ended so long ago."""
    spec = {"dagRef": {"name": "etl"}, "from": told(), "to": told(86_400)}
    return parse_backfill(
        meta(name, **more), {"spec": spec, "status": {"state": state, "finishedAt": told(-86_400 * days_ago)}}
    )


def gone(decision: Decision) -> list[str]:
    """The names of what is deleted, in order."""
    assert all(isinstance(action, Collect) for action in decision.actions)
    return [action.meta.name for action in decision.actions if isinstance(action, Collect)]


def keys(*names: str) -> Collection[Key]:
    """The keys of objects of the team."""
    return frozenset(map(key, names))
