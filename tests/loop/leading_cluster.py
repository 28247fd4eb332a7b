"""A cluster in memory behind the real session, and replicas that share it and one database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from controller.connection import Connection
from controller.errors import NotLeading
from controller.kube import Kube, collection_path
from controller.leadership import Leadership, Span
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import API_VERSION
from controller.running import lead
from controller.scheduler import Scheduler, build
from controller.settings import Settings
from controller.simulate.cluster import InMemoryCluster
from controller.simulate.outside import Elsewhere
from controller.transport import Request

SPACE: Final = "space"
SPAN: Final = Span(15)
PATIENCE_SECONDS: Final = 20


class ClusterKube(Kube):
    """The real session, whose requests end in the cluster in memory instead of on the network."""

    def __init__(self, cluster: InMemoryCluster, leadership: Leadership | None) -> None:
        super().__init__(Connection("http://unused"), leadership=leadership)
        self._cluster = cluster
        self.writes: Counter[str] = Counter()
        """Writes that reached the cluster, by method and kind."""
        self.answers = asyncio.Event()
        """Unset, no write is answered."""
        self.answers.set()
        self.is_deaf = False
        """Whether watches tell nothing any more."""

    async def _send(self, request: Request, leadership: Leadership | None = None) -> dict[str, Any]:
        async with self._throttle:
            if leadership is not None:
                leadership.seconds_left()
            kind, name, status = _addressed(request.path)
            if request.method == "GET":
                metadata = {"resourceVersion": str(self._cluster.version)}
                return {"items": list(self._cluster.all_of(kind)), "metadata": metadata}
            self.writes[f"{request.method} {kind.value}"] += 1
            await self.answers.wait()
            return self._written(request, kind, Key(SPACE, name), status=status)

    def _written(self, request: Request, kind: Kind, key: Key, *, status: bool) -> dict[str, Any]:
        match request.method:
            case "POST":
                return self._cluster.create(kind, request.body)
            case "PATCH" if status:
                version = int(request.body["metadata"]["resourceVersion"])
                return self._cluster.patch_status(kind, key, request.body["status"], version)
            case "PATCH" if isinstance(request.body, list):
                return self._cluster.patch_json(kind, key, request.body)
            case "PATCH":
                return self._cluster.merge(kind, key, request.body)
        return self._cluster.delete(kind, key, request.body["preconditions"]["uid"])

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Events are not of interest here."""

    async def watch(self, path: str, params: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Every change of the kind, for ever."""
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        kind = _addressed(path)[0]

        def hear(changed: Kind, type_: str, raw: dict[str, Any]) -> None:
            if changed is kind and not self.is_deaf:
                events.put_nowait({"type": type_, "object": raw})

        self._cluster.watchers.append(hear)
        while True:
            yield await events.get()


def _addressed(path: str) -> tuple[Kind, str, bool]:
    """The kind, the name if there is one, and whether it is the status."""
    bare = path.replace(f"/namespaces/{SPACE}", "")
    for kind in Kind:
        collection = collection_path(kind)
        if bare == collection or bare.startswith(f"{collection}/"):
            name, _, subresource = bare.removeprefix(collection).lstrip("/").partition("/")
            return kind, name, subresource == "status"
    raise AssertionError(path)


class Seat:
    """What a replica knows of the election, which the test decides."""

    def __init__(self) -> None:
        self.leadership = Leadership(asyncio.get_running_loop().time)
        self.won = asyncio.Event()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.trouble: str | None = None
        self.started = False
        self.steps: list[str] = []
        """What was asked of it at the end."""

    def start(self) -> None:
        """Stand for election."""
        self.started = True

    async def stop(self, *, release: bool) -> None:
        """End."""
        self.steps.append("released" if release else "left to expire")

    def told(self) -> dict[str, Any]:
        """Who is who."""
        return {"role": "leader" if self.leadership.holds else "standby"}

    def give(self) -> None:
        """The replica leads from now on."""
        self.leadership.renewed(asyncio.get_running_loop().time(), SPAN)
        self.won.set()

    def take_away(self) -> None:
        """The replica's deadline has passed."""
        self.leadership.renewed(asyncio.get_running_loop().time() - SPAN.seconds, SPAN)


@dataclass
class Replica:
    """One scheduler on the cluster."""

    cluster: InMemoryCluster
    url: str
    seat: Seat | None = field(default_factory=Seat)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        leadership = self.seat.leadership if self.seat is not None else None
        self.kube = ClusterKube(self.cluster, leadership)
        seat: Any = self.seat
        settings = Settings(database_url=self.url, lease_name="slipway" if seat else "")
        self.scheduler: Scheduler = build(settings, self.kube, Elsewhere(), None, seat)

    def start(self) -> None:
        """Begin what the process runs but for kopf."""
        works = [informer.run() for informer in self.scheduler.informers]
        self.tasks = [asyncio.create_task(work) for work in (*works, lead(self.scheduler))]

    async def end(self) -> None:
        """End it all."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.scheduler.loop.stop()
        self.scheduler.metastore.close()

    def feed(self, kind: Kind) -> None:
        """What kopf would tell: all objects of the kind."""
        for raw in self.cluster.all_of(kind):
            self.scheduler.receive(kind, "ADDED", raw)


async def until(holds: Callable[[], Any]) -> None:
    """Let the others go on until it holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 what is waited for has no event
            await asyncio.sleep(0.01)


def new_cluster() -> InMemoryCluster:
    """An empty cluster at the present time, in which nothing runs Pods."""
    return InMemoryCluster(lambda: datetime.now(UTC))


def run_of_one_task(cluster: InMemoryCluster, run: str) -> None:
    """Create a run, and its Dag where that is not there."""
    if cluster.find(Kind.DAG, Key(SPACE, "d")) is None:
        cluster.create(Kind.DAG, _manifest("Dag", "d", {"tasks": [{"name": "t", "script": "true"}]}))
    cluster.create(Kind.DAG_RUN, _manifest("DagRun", run, {"dagRef": {"name": "d"}}))


def pods(cluster: InMemoryCluster) -> list[str]:
    """The names of all Pods."""
    return [raw["metadata"]["name"] for raw in cluster.all_of(Kind.POD)]


def is_refused(replica: Replica) -> bool:
    """Whether the replica may write nothing."""
    assert replica.seat is not None
    try:
        replica.seat.leadership.seconds_left()
    except NotLeading:
        return True
    return False


def _manifest(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": SPACE}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": dict(spec)}
