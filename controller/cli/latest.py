"""A run as people name it, `RUN` or `DAG@latest` -> the DagRun's name; and the runs of a Dag in their order."""

from datetime import datetime
from typing import Any, Final, Protocol

from controller.errors import SlipwayError, Usage
from controller.model.action import Kind
from controller.model.timestamps import parse_time

LATEST: Final = "@latest"


class NoRun(SlipwayError):
    """The Dag has no run yet, or none any more."""


class Lister(Protocol):
    """What is needed of a session with the API server."""

    async def list_all(self, kind: Kind, namespace: str | None = None) -> list[dict[str, Any]]:
        """Every object of the kind."""


async def run_named(lister: Lister, namespace: str, text: str) -> str:
    """The name itself; for `DAG@latest` that of the Dag's run that was created last."""
    if not text.endswith(LATEST):
        return text
    dag = text.removesuffix(LATEST)
    if not dag:
        raise Usage(f"{LATEST} of which Dag? Write DAG{LATEST}")
    runs = await runs_of(lister, namespace, dag)
    if not runs:
        raise NoRun(f"Dag {dag} has no run in namespace {namespace}")
    newest = max(runs, key=lambda raw: (raw["metadata"]["creationTimestamp"], raw["metadata"]["name"]))
    return str(newest["metadata"]["name"])


async def runs_of(lister: Lister, namespace: str, dag: str) -> list[dict[str, Any]]:
    """The Dag's runs, by what they are about; one that is about no time, by its creation."""
    raws = await lister.list_all(Kind.DAG_RUN, namespace)
    return sorted((raw for raw in raws if raw["spec"]["dagRef"]["name"] == dag), key=place)


def place(raw: dict[str, Any]) -> tuple[datetime, str]:
    """Where a run stands among those of its Dag: by the instant, as whoever wrote its logical date chose the zone."""
    metadata = raw["metadata"]
    return parse_time(raw["spec"].get("logicalDate") or metadata["creationTimestamp"]), str(metadata["name"])
