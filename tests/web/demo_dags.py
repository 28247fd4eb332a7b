"""The Dags of the made-up history, and how often and how well they run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_PRICES: Final = ("orders", "s3://lake/prices")
_ASSETS: Final = "orders and (rates or s3://lake/prices)"
_GROUPS: Final = ("ingest", "clean", "join", "enrich", "score", "export", "report", "archive")


@dataclass(frozen=True)
class Made:
    """One Dag."""

    namespace: str
    name: str
    spec: Mapping[str, Any]
    runs: int = 0
    without: frozenset[int] = frozenset()
    """Slots of its schedule that have no run, counted back from the newest, 0."""
    failing: float = 0.1
    """The part of its runs that fail."""
    paused: bool = False
    live: bool = False
    """Whether its newest run goes on."""
    fault: tuple[str, str] | None = None
    """Why it is not ready: reason and sentence."""

    @property
    def schedule(self) -> str | None:
        """As the status tells it, in one line."""
        asked = self.spec.get("schedule", {})
        return _ASSETS if "assets" in asked else asked.get("cron")


def all_dags() -> Iterator[Made]:
    """Every Dag of the history."""
    yield Made("team-a", "etl-wide", _wide(200), 50, failing=0.2, live=True)
    yield Made("team-a", "etl", _small(), 30, frozenset({4, 11, 12}), failing=0.2)
    yield Made("team-a", "huge", _wide(1000, "0 0 * * 0"), 2, live=True)
    yield Made("team-a", "live", _small("*/10 * * * *"), 12, failing=0.15, live=True)
    long_name = "month-end-closing-of-the-books-with-a-rather-long-name"
    yield Made("team-a", long_name, _small("0 6 1 * *"), 6, failing=0)
    yield Made("team-a", "old-report", _small("0 0 * * 0"), 8, failing=0.4, paused=True)
    reason = ("InvalidSpec", "tasks[1].dependsOn: there is no task `extrcat`; did you mean `extract`?")
    yield Made("team-a", "broken", {**_small(), "description": "It names a task that is not there"}, fault=reason)
    yield Made("team-b", "orders", _orders(), 40, frozenset({27}), failing=0.15, live=True)
    schedule = {"assets": {"all": ["orders", {"any": ["rates", "s3://lake/prices"]}]}}
    yield Made("team-b", "invoices", {**_small(), "owner": "finance", "schedule": schedule}, 14)
    yield Made("team-b", "by-hand", _by_hand())
    for number in range(60):
        spec = _small(f"{number} 3 * * *") | {
            "owner": ("data", "finance", "ops")[number % 3],
            "tags": ["small", f"wave-{number % 4}"],
        }
        yield Made("team-b", f"job-{number:02}", spec, number % 12)


def _small(cron: str = "30 5 * * *") -> dict[str, Any]:
    return {
        "description": "Loads what has come in since the day before, and tells what there was",
        "owner": "data",
        "tags": ["nightly", "etl"],
        "schedule": {"cron": cron, "timezone": "Europe/Zurich"},
        "params": {
            "day": {"type": "string", "enum": ["monday", "tuesday"], "default": "monday", "description": "Which day"},
            "count": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1},
            "full": {"type": "boolean", "default": False, "title": "Load everything again"},
        },
        "groups": [{"name": "parts", "description": "One for each region"}],
        "tasks": [
            {"name": "extract", "script": "echo extract"},
            {"name": "part", "group": "parts", "script": "true", "dependsOn": ["extract"], "map": {"over": [1, 2, 3]}},
            {"name": "check", "group": "parts", "script": "true", "dependsOn": ["part"], "pool": "db"},
            {"name": "report", "script": "true", "dependsOn": ["parts"], "retries": 2},
            {"name": "tell", "script": "true", "dependsOn": ["report"], "triggerRule": "all_done"},
        ],
    }


def _by_hand() -> dict[str, Any]:
    """A Dag with a param of every kind."""
    without = {name: value for name, value in _small().items() if name != "schedule"}
    params = {
        "day": {"type": "string", "format": "date", "description": "The first day that is loaded"},
        "until": {"type": "string", "format": "date-time", "default": "2026-11-01T00:00:00Z"},
        "count": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10, "title": "Parts"},
        "ratio": {"type": ["number", "null"], "default": 0.5, "exclusiveMinimum": 0},
        "mode": {"type": "string", "enum": ["fast", "careful"], "default": "fast"},
        "full": {"type": "boolean", "default": False, "title": "Load everything again"},
        "station": {"type": "string", "pattern": "^[A-Z]{3}$", "default": "ZRH", "examples": ["ZRH", "BRN"]},
        "regions": {"type": "array", "items": {"type": "string"}, "maxItems": 5, "default": ["eu", "us"]},
        "kinds": {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b", "c"]}, "default": ["a"]},
        "limits": {
            "type": "object",
            "default": {"rows": 1000, "per": {"hour": 10}},
            "properties": {"rows": {"type": "integer", "minimum": 1}},
            "description": "How much is taken at once",
        },
    }
    return {**without, "owner": "ops", "tags": ["tools"], "params": params}


def _orders() -> dict[str, Any]:
    return {
        "description": "Prices and orders for the shop",
        "owner": "shop",
        "tags": ["shop", "daily"],
        "schedule": {"cron": "0 0 * * *"},
        "tasks": [
            {"name": "prices", "script": "true"},
            {"name": "rates", "script": "true", "pool": "api"},
            {"name": "join", "script": "true", "dependsOn": ["prices", "rates"]},
            {"name": "publish", "approval": {"message": "Publish?"}, "dependsOn": ["join"], "updates": _PRICES},
        ],
    }


def _wide(count: int, cron: str = "0 * * * *") -> dict[str, Any]:
    """Layers of ten tasks, each layer in a group or without one; some tasks are mapped."""
    tasks = [_layered(number) for number in range(count)]
    used: Sequence[str] = sorted({task["group"] for task in tasks if "group" in task})
    return {
        "description": f"A wide Dag of {count} tasks",
        "owner": "platform",
        "tags": ["wide"],
        "schedule": {"cron": cron},
        "concurrency": {"maxActiveTasks": 64},
        "groups": [{"name": group} for group in used],
        "tasks": tasks,
    }


def _layered(number: int) -> dict[str, Any]:
    layer, place = divmod(number, 10)
    task: dict[str, Any] = {"name": f"t{layer:02}-{place}", "script": "true"}
    if layer:
        task["dependsOn"] = sorted({f"t{layer - 1:02}-{place}", f"t{layer - 1:02}-{(place * 3 + layer) % 10}"})
    if layer % 3:
        task["group"] = f"{_GROUPS[layer % len(_GROUPS)]}-{layer:02}"
    if number % 41 == 7:
        task["map"] = {"over": list(range(5 + layer % 7))}
    return task
