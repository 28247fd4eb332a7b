"""A world -> the pools, backfills and questions that people have made in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.timestamps import format_time
from tests.web.demo_world import World, owned_by


def tell_people(world: World) -> None:
    """Write all of them; the runs must be there."""
    _pools(world)
    _backfills(world)
    _approvals(world)


def _pools(world: World) -> None:
    for namespace, name, slots in (("team-a", "db", 4), ("team-a", "gpu", 2), ("team-b", "api", 16)):
        spec = {"slots": slots, "description": f"Connections to the {name} server"}
        world.put(Kind.POOL, Key(namespace, name), {"spec": spec}, {}, world.now - timedelta(days=60))


def _backfills(world: World) -> None:
    for number, state in enumerate(("Running", "Success", "Failed", "Planned")):
        first = _midnight(world, 20 + number)
        slots = [
            {"logicalDate": format_time(day), "run": f"orders-{day:%Y%m%d}t000000", "plan": plan}
            for day, plan in zip(_days(first, 8), ("exists", "create", "create", "reprocess") * 2, strict=True)
        ]
        plan = {"total": 8, "create": 4, "reprocess": 2, "exists": 2, "inFlight": 0, "slots": slots}
        spec: dict[str, Any] = {
            "dagRef": {"name": "orders"},
            "from": format_time(first),
            "to": slots[-1]["logicalDate"],
        }
        spec |= {"approved": state != "Planned", "maxActiveRuns": 3, "note": "Prices were wrong in the source"}
        done = {"Running": "3/6", "Planned": "0/6"}.get(state, "6/6")
        status = {
            "observedGeneration": 1,
            "state": state,
            "plan": plan,
            "done": done,
            "failed": int(state == "Failed"),
        }
        status |= {
            "revision": _revision_of(world, "team-b", "orders"),
            "plannedAt": format_time(world.now - timedelta(hours=5)),
            "startedAt": format_time(world.now - timedelta(hours=4)) if state != "Planned" else None,
            "started": 3,
            "first": format_time(first),
        }
        at = world.now - timedelta(hours=5 + number)
        world.put(Kind.BACKFILL, Key("team-b", f"orders-fix-{number}"), {"spec": spec}, status, at)


def _revision_of(world: World, namespace: str, dag: str) -> str:
    found = world.cluster.find(Kind.DAG, Key(namespace, dag))
    return str(found["status"]["revision"]) if found is not None else ""


def _midnight(world: World, days: int) -> datetime:
    return (world.now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def _approvals(world: World) -> None:
    runs = [raw for raw in world.cluster.all_of(Kind.TASK_RUN) if raw["spec"]["task"] == "publish"][-3:]
    for number, raw in enumerate(runs):
        spec = {
            "dagRef": raw["spec"]["dagRef"],
            "dagRunRef": raw["spec"]["dagRunRef"],
            "taskRunRef": {"name": raw["metadata"]["name"]},
            "task": "publish",
            "try": 1,
            "message": "Publish the prices of today to the shop?\nTwelve of them changed by more than 20 %.",
            "options": ["Publish", "Hold back", "reject"],
        }
        status = {"state": "Open"}
        if number == 0:
            spec |= {"answer": "Publish", "by": "alice", "comment": "Looks right"}
            status = {"state": "Answered", "finishedAt": format_time(world.now - timedelta(hours=20))}
        key = Key(raw["metadata"]["namespace"], f"{raw['metadata']['name']}-1"[-63:].strip("-"))
        at = world.now - timedelta(hours=21 - 10 * number)
        world.put(Kind.APPROVAL, key, {"spec": spec}, status, at, **owned_by("TaskRun", raw))


def _days(first: datetime, count: int) -> Iterator[datetime]:
    return (first + timedelta(days=number) for number in range(count))
