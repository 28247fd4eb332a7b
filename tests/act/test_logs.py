"""Logs before their Pods go: cut, told where they are missing, and never waited for beyond the time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from controller.act import logs
from controller.act.log_pieces import Pieces
from controller.act.logs import LogKeeper, LogLimits
from controller.errors import NotFound, Unavailable
from controller.model.action import Kind
from controller.model.archive import PodLog
from controller.model.metadata import Key
from controller.model.pod import Pod
from tests.decide.objects import NOW, exited, pod, waiting

TEXT = b"one\ntwo\n"


@dataclass
class Cluster:
    """What the API server knows of one Pod."""

    logs: dict[str, list[bytes]] = field(default_factory=lambda: {"main": [TEXT]})
    """By container."""
    error: Exception | None = None
    """How a read of a log ends, after its pieces."""
    raw: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    stalls: bool = False
    errors: list[Exception] = field(default_factory=list)
    """How the first reads of a log end, before any piece."""
    asked: list[Mapping[str, str]] = field(default_factory=list)

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """A log."""
        assert path.endswith("/log")
        self.asked.append(params)
        if self.errors:
            raise self.errors.pop(0)
        for piece in self.logs[params["container"]]:
            yield piece
        if self.stalls:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The Pod."""
        return self.raw

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Its Events."""
        assert "involvedObject.uid=" in params["fieldSelector"]
        return {"items": self.events}


@dataclass
class Shelf:
    """Keeps logs in a list."""

    kept: list[PodLog] = field(default_factory=list)
    error: Exception | None = None
    stalls: bool = False

    async def keep(self, log: PodLog) -> None:
        """Take it."""
        if self.stalls:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.kept.append(log)


def ended(**more: Any) -> Pod:
    """A Pod that ran and ended."""
    return replace(pod(exited(0, "Completed", "{}", "Succeeded")), **more)


def other(uid: str) -> Pod:
    """Another Pod that ran and ended."""
    return replace(ended(), meta=replace(ended().meta, uid=uid))


async def archived(cluster: Cluster, which: Pod, most_bytes: int = 1000) -> PodLog:
    """What is kept of the Pod."""
    shelf = Shelf()
    await LogKeeper(cluster, shelf, LogLimits(most_bytes, 0.2)).archive(which, NOW)
    (log,) = shelf.kept
    return log


async def test_a_log() -> None:
    """As it was written, with whose it is and how the container ended; one request reads it."""
    cluster = Cluster()
    log = await archived(cluster, ended())
    assert (log.content, log.left_out, log.lost, log.events) == (TEXT, 0, None, ())
    assert (log.reason, log.message, log.attempt) == ("Completed", None, 1)
    assert (log.pod_uid, log.pod) == (ended().meta.uid, ended().meta.key)
    assert cluster.asked == [{"container": "main"}]


async def test_an_empty_log() -> None:
    """It is kept as empty, which is not lost."""
    log = await archived(Cluster({"main": []}), ended())
    assert (log.content, log.lost) == (b"", None)


async def test_a_log_beyond_the_cap() -> None:
    """A quarter is of its beginning, the rest of its end, and a line tells how much is missing between."""
    pieces = [bytes([65 + number % 26]) * 100 for number in range(100)]
    log = await archived(Cluster({"main": pieces}), ended())
    whole = b"".join(pieces)
    assert log.content == whole[:250] + b"\n[slipway: 9000 bytes are left out here]\n" + whole[-750:]
    assert log.left_out == 9000


async def test_a_log_at_the_cap() -> None:
    """It is kept whole."""
    log = await archived(Cluster({"main": [b"x" * 999, b"y"]}), ended())
    assert (log.content, log.left_out) == (b"x" * 999 + b"y", 0)


async def test_a_log_that_is_too_long_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last lines are asked for instead, and it is told that more is missing than was counted."""
    monkeypatch.setattr(logs, "MOST_READ", 5000)
    cluster = Cluster({"main": [b"x" * 1000] * 100})
    log = await archived(cluster, ended())
    assert [each.get("tailLines") for each in cluster.asked] == [None, "20000"]
    assert log.content is not None
    assert len(log.content) < 1100
    assert b"or more bytes are left out here" in log.content
    assert log.left_out > 6000 - 1000


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotFound("gone"), "the Pod was gone before its log was read"),
        (Unavailable("the API server answers 502: no kubelet"), "the API server answers 502: no kubelet"),
    ],
)
async def test_a_log_that_can_not_be_read(error: Exception, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why stands in its place."""
    monkeypatch.setattr(logs, "_WAITS", (0.01, 0.01))
    log = await archived(Cluster({"main": []}, error), ended(reason="Evicted", message="The node was low on disk"))
    assert (log.content, log.lost, log.reason, log.message) == (None, told, "Evicted", "The node was low on disk")


async def test_a_log_that_breaks_off() -> None:
    """What came is kept, and its end says that there may be more."""
    log = await archived(Cluster(error=Unavailable("the node went")), ended())
    assert log.content == TEXT + b"\n[slipway: the log may go on, but the node went]\n"


async def test_a_kubelet_that_has_thrown_the_log_away() -> None:
    """Its sentence is no log."""
    said = b"unable to retrieve container logs for containerd://abc"
    log = await archived(Cluster({"main": [said]}), ended())
    assert (log.content, log.lost) == (None, "the node had thrown its log away")


async def test_a_node_that_does_not_answer() -> None:
    """The Pod is held for the time and not longer."""
    begun = asyncio.get_running_loop().time()
    log = await archived(Cluster(stalls=True), ended())
    assert asyncio.get_running_loop().time() - begun < 5
    assert log.content == TEXT + b"\n[slipway: the log may go on, but it could not be read within 0.2 s]\n"


async def test_a_container_that_never_spoke() -> None:
    """No log is asked for; the reason and the Pod's last Events are kept."""
    first, last = (
        {"reason": reason, "message": "m", "type": "Warning", "count": 3, "lastTimestamp": at}
        for reason, at in (("Failed", "2026-01-01T00:00:01Z"), ("BackOff", "2026-01-01T00:00:02Z"))
    )
    cluster = Cluster({}, events=[last, first])
    which = pod(waiting("ImagePullBackOff", "Back-off pulling image no-such") | {"phase": "Failed"})
    log = await archived(cluster, which)
    assert (log.content, log.reason, log.message) == (None, "ImagePullBackOff", "Back-off pulling image no-such")
    assert [(each["reason"], each["count"]) for each in log.events] == [("Failed", 3), ("BackOff", 3)]
    assert cluster.asked == []


async def test_an_init_container_that_failed() -> None:
    """Its log is kept in place of the task's, under its name."""
    statuses = [
        {"name": "fine", "state": {"terminated": {"exitCode": 0}}},
        {"name": "fetch", "state": {"terminated": {"exitCode": 2}}},
    ]
    cluster = Cluster({"fetch": [b"no route\n"]}, raw={"status": {"initContainerStatuses": statuses}})
    log = await archived(cluster, pod({"phase": "Failed"}))
    assert log.content == b"[slipway: init container fetch]\nno route\n"


async def test_a_log_is_archived_once() -> None:
    """A release that has to be tried again reads nothing anew."""
    cluster, shelf = Cluster(), Shelf()
    keeper = LogKeeper(cluster, shelf, LogLimits())
    await keeper.archive(ended(), NOW)
    await keeper.archive(ended(), NOW)
    assert (len(shelf.kept), len(cluster.asked)) == (1, 1)


@pytest.mark.parametrize("stalls", [True, False])
async def test_a_shelf_that_takes_nothing(stalls: bool) -> None:
    """The Pod goes on in its time, and its log is put away in the end."""
    shelf = Shelf(error=Unavailable("the database does not take logs"), stalls=stalls)
    keeper = LogKeeper(Cluster(), shelf, LogLimits(1000, 0.2))
    await keeper.archive(ended(), NOW)
    assert shelf.kept == []
    shelf.error, shelf.stalls = None, False
    await keeper.close()
    assert [(log.pod_uid, log.content, log.lost) for log in shelf.kept] == [(ended().meta.uid, TEXT, None)]


async def test_an_api_server_that_is_away_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again, and nothing is lost."""
    monkeypatch.setattr(logs, "_WAITS", (0.01, 0.01))
    cluster = Cluster(errors=[Unavailable("503"), Unavailable("429", retry_after_seconds=0.01)])
    log = await archived(cluster, ended())
    assert (log.content, log.lost, len(cluster.asked)) == (TEXT, None, 3)


async def test_a_bug_of_ours() -> None:
    """It costs a log and holds no Pod."""
    await LogKeeper(Cluster(), Shelf(error=RuntimeError("a bug")), LogLimits()).archive(ended(), NOW)


async def test_a_long_log_takes_no_memory() -> None:
    """Of 200 MiB no more than a few times the cap is held at once."""
    pieces = Pieces(1000)
    for _ in range(3200):
        pieces.add(b"x" * 65_536)
        assert pieces.held <= 2 * 1000 + 65_536
    assert (pieces.total, len(pieces.content(None)) < 1100) == (3200 * 65_536, True)
