"""A port -> the real web server over a temporary database with a made-up history that goes on.

python -m tests.web.demo_server [--port 8137] [--static DIR] [--still] [--hostile]

What is changed through it is changed in a cluster in memory, and seen by the real writer, so it shows at once.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
from tests.web.demo_hostile import hostile_events, tell_hostile
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


class Demo:
    """The server and the world behind it, which a test can change while pages are open."""

    def __init__(self, url: str, port: int, static: Path, *, hostile: bool) -> None:
        migrate(url)
        self._writer = RecordingWriter(url)
        self._writer.start()
        self._heart = Heart(url)
        clock = Clock()
        self.cluster = InMemoryCluster(clock)
        self.cluster.watchers.append(lambda kind, change, raw: _see(self._writer, kind, change, raw))
        world = World(self.cluster, clock, random.Random(5), datetime.now(UTC))  # noqa: S311 a story, no secret
        tell_history(world)
        if hostile:
            tell_hostile(world)
            clock.told = None
        settings = WebSettings(database_url=url, port=port, insecure_cookies=True)
        self.web = make_web(self._writer, static, settings)
        self.web.server.cluster = self.cluster
        self.web.server.logs = MadeLogs()
        self.web.server.pod_events = {
            pod: [dict(each) for each in told] for pod, told in hostile_events(world.now).items()
        }
        self.silent_since: datetime | None = None
        """When the controller beat last; None = it goes on."""
        self._writer.flushed()
        self.server = uvicorn.Server(configured(self.web.app, settings))

    async def serve(self, *, goes_on: bool) -> None:
        """Serve the UI and the API on this port of this machine."""
        life = asyncio.create_task(self._live(goes_on=goes_on))
        try:
            await self.server.serve()
        finally:
            life.cancel()
            self.web.parts.reader.close()
            self._heart.close()
            self._writer.close()

    async def _live(self, *, goes_on: bool) -> None:
        """Beat as the controller does, and take one task at a time further."""
        while True:
            await self.beat()
            if goes_on:
                _go_on(self.cluster)
            await asyncio.sleep(_STEP_SECONDS)

    async def beat(self) -> None:
        """Say that the controller lives, or did."""
        at = self.silent_since or datetime.now(UTC)
        beat = Beat(CONTROLLER, __version__, at - timedelta(hours=1), at, True, 0, 0.1)
        await asyncio.to_thread(self._heart.beat, beat)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8137)
    parser.add_argument("--static", type=Path, default=STATIC, help="the built UI")
    parser.add_argument("--still", action="store_true", help="nothing goes on by itself")
    parser.add_argument("--hostile", action="store_true", help="a namespace whose texts are meant to do harm, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-demo-") as folder, suppress(KeyboardInterrupt):
        demo = Demo(f"sqlite:///{folder}/demo.db", asked.port, asked.static, hostile=asked.hostile)
        words = "token-of-admin  (alice: team-a alone; bob: nothing)"
        print(f"Sign in at http://127.0.0.1:{asked.port}/signin with: {words}", flush=True)
        asyncio.run(demo.serve(goes_on=not asked.still))


def _see(writer: RecordingWriter, kind: Kind, change: str, raw: dict[str, Any]) -> None:
    """Let the controller have seen a change in the cluster."""
    if kind not in _PARSERS:
        return
    observed = _PARSERS[kind](parse_meta(raw["metadata"]), raw)
    if change == "DELETED":
        writer.deleted(observed)
    else:
        writer.observed(observed)


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
