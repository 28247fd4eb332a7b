"""A port -> the real web server over a temporary database with a made-up history that goes on.

python -m tests.web.demo_server [--port 8137] [--static DIR] [--still]

What is changed through it is changed in a cluster in memory, and seen by the real writer, so it shows at once.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvicorn

from controller import __version__
from controller.metastore.heartbeat import CONTROLLER, Beat, Heart
from controller.metastore.migrate import migrate
from controller.metastore.projection import Observed
from controller.model.action import Kind
from controller.model.approval import parse_approval
from controller.model.backfill import parse_backfill
from controller.model.dag import parse_dag, parse_revision
from controller.model.dagrun import parse_dag_run
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.pool import parse_pool
from controller.model.taskrun import parse_task_run
from controller.model.timestamps import format_time
from controller.simulate.cluster import InMemoryCluster
from controller.web.app import STATIC
from controller.web.serve import configured
from controller.web.settings import WebSettings
from tests.metastore.recording import RecordingWriter
from tests.web.conftest import make_web
from tests.web.demo_history import tell_history
from tests.web.demo_logs import MadeLogs
from tests.web.demo_world import Clock, World

_PARSERS: Final[Mapping[Kind, Callable[[Meta, dict[str, Any]], Observed]]] = {
    Kind.DAG: parse_dag,
    Kind.REVISION: parse_revision,
    Kind.DAG_RUN: parse_dag_run,
    Kind.TASK_RUN: parse_task_run,
    Kind.POOL: parse_pool,
    Kind.BACKFILL: parse_backfill,
    Kind.APPROVAL: parse_approval,
}
_STEP_SECONDS: Final = 3.0


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8137)
    parser.add_argument("--static", type=Path, default=STATIC, help="the built UI")
    parser.add_argument("--still", action="store_true", help="nothing goes on by itself")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-demo-") as folder, suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.port, asked.static, f"sqlite:///{folder}/demo.db", goes_on=not asked.still))


async def serve(port: int, static: Path, url: str, *, goes_on: bool) -> None:
    """Serve the UI and the API on this port of this machine."""
    migrate(url)
    writer = RecordingWriter(url)
    writer.start()
    clock = Clock()
    cluster = InMemoryCluster(clock)
    cluster.watchers.append(lambda kind, change, raw: _see(writer, kind, change, raw))
    tell_history(World(cluster, clock, random.Random(5), datetime.now(UTC)))  # noqa: S311 a story, no secret
    settings = WebSettings(database_url=url, port=port, insecure_cookies=True)
    web = make_web(writer, static, settings)
    web.server.cluster = cluster
    web.server.logs = MadeLogs()
    writer.flushed()
    print(
        f"Sign in at http://127.0.0.1:{port}/signin with: token-of-admin  (alice: team-a alone; bob: nothing)",
        flush=True,
    )
    server = uvicorn.Server(configured(web.app, settings))
    life = asyncio.create_task(_live(cluster, url, goes_on=goes_on))
    try:
        await server.serve()
    finally:
        life.cancel()
        web.parts.reader.close()
        writer.close()


def _see(writer: RecordingWriter, kind: Kind, change: str, raw: dict[str, Any]) -> None:
    """Let the controller have seen a change in the cluster."""
    if kind not in _PARSERS:
        return
    observed = _PARSERS[kind](parse_meta(raw["metadata"]), raw)
    if change == "DELETED":
        writer.deleted(observed)
    else:
        writer.observed(observed)


async def _live(cluster: InMemoryCluster, url: str, *, goes_on: bool) -> None:
    """Beat as the controller does, and take one task at a time further."""
    heart = Heart(url)
    started = datetime.now(UTC)
    while True:
        now = datetime.now(UTC)
        await asyncio.to_thread(heart.beat, Beat(CONTROLLER, __version__, started, now, True, 0, 0.1))
        if goes_on:
            _go_on(cluster)
        await asyncio.sleep(_STEP_SECONDS)


def _go_on(cluster: InMemoryCluster) -> None:
    """One step in the life of Dag `live`, and of every run that somebody triggers."""
    for raw in cluster.all_of(Kind.DAG_RUN):
        if raw["status"].get("state") == "Queued":
            _begin(cluster, raw)
    moving = [raw for raw in cluster.all_of(Kind.TASK_RUN) if raw["spec"]["dagRef"]["name"] == "live"]
    for raw in moving[-8:]:
        key = Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
        cluster.patch_status(Kind.TASK_RUN, key, _next_of(raw["status"], key.name))


def _begin(cluster: InMemoryCluster, raw: Mapping[str, Any]) -> None:
    key = Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
    dag = cluster.find(Kind.DAG, Key(key.namespace, raw["spec"]["dagRef"]["name"]))
    if dag is not None and not dag["spec"].get("paused"):
        started = {"state": "Running", "startedAt": format_time(datetime.now(UTC)), "tasks": "0/5"}
        cluster.patch_status(Kind.DAG_RUN, key, {**started, "revision": dag["status"].get("revision")})


def _next_of(status: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Round and round: scheduled, queued, running, success."""
    now = format_time(datetime.now(UTC))
    match status.get("state"):
        case "Scheduled":
            return {"state": "Queued"}
        case "Queued":
            return {"state": "Running", "try": 1, "pod": f"{name}-1", "startedAt": now, "finishedAt": None}
        case "Running":
            return {"state": "Success", "finishedAt": now}
        case _:
            return {"state": "Scheduled", "startedAt": None, "finishedAt": None, "attempts": [], "try": 0}


if __name__ == "__main__":
    main()
