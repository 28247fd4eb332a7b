"""Logs of Pods that are gone: the archived one, told as that, or why there is none."""

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.errors import Unavailable
from controller.metastore.log_store import LogStore
from controller.metastore.logs import LogArchive
from controller.model.archive import NO_LOG, PodLog
from controller.model.metadata import Key
from tests.decide.objects import NOW
from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import A, B, task
from tests.web.test_logs import LOG

POD = "etl-03-report-2"
EVENTS = LOG.replace("/log", "/events")
TEXT = b"".join(b"line %d \x1b[31m\xff<script>\n" % number for number in range(20_000))
BACK_OFF = {"type": "Warning", "reason": "BackOff", "message": "no such image", "count": 4, "first": None}


async def archive(web: Web, content: bytes | None, store: str = "metastore", **more: Any) -> None:
    """Let the controller have archived this of the attempt."""
    log = PodLog(Key(A, POD), "pod-uid", "etl", "etl-03", "report", 2, archived_at=NOW, content=content, **more)
    with closing(LogArchive(web.writer.url, store)) as keeper:
        await keeper.keep(log)


async def test_the_pod_is_gone(web: Web) -> None:
    """The archived log comes byte by byte as it was written, and says that it is not live and how much is missing."""
    await archive(web, TEXT, left_out=77)
    answer = await web.client("alice").get(LOG)
    assert (answer.status, answer.body) == (200, TEXT)
    assert (answer.headers["x-slipway-log"], answer.headers["x-slipway-log-truncated"]) == ("archived", "77")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "x-slipway-log-timestamps" not in answer.headers


async def test_the_pod_is_there(web: Web) -> None:
    """The live log is given, though there is an archived one."""
    await archive(web, TEXT)
    web.server.logs[POD] = [b"live\n"]
    answer = await web.admin.get(LOG)
    assert (answer.body, answer.headers["x-slipway-log"]) == (b"live\n", "live")


@pytest.mark.parametrize("trouble", ["node", "kubelet", "container"])
async def test_the_log_can_not_be_had(web: Web, trouble: str) -> None:
    """Where the node is away or has thrown the log away, the archived one serves."""
    await archive(web, b"kept\n")
    if trouble == "node":
        web.server.log_error = Unavailable("the API server answers 502")
    elif trouble == "kubelet":
        web.server.logs[POD] = [NO_LOG + b"containerd://abc"]
    else:
        web.server.waiting = 'container "main" is waiting to start: PodInitializing'
    answer = await web.admin.get(LOG)
    assert (answer.body, answer.headers["x-slipway-log"]) == (b"kept\n", "archived")


async def test_the_log_can_not_be_had_and_was_not_kept(web: Web) -> None:
    """It is told as it is: a log that is unreachable now is not one that is gone."""
    web.server.log_error = Unavailable("the API server answers 502")
    assert (await web.admin.get(LOG)).status == 503


@pytest.mark.parametrize("tail", [0, 1, 3, 19_999, 20_000, 1_000_000])
async def test_the_last_lines(web: Web, tail: int) -> None:
    """As many as there are, at most."""
    await archive(web, TEXT)
    answer = await web.admin.get(LOG, {"tail": str(tail), "follow": "true"})
    assert answer.body == b"".join(TEXT.splitlines(keepends=True)[-tail:] if tail else [])


async def test_times_of_lines(web: Web) -> None:
    """An archived log has none, which is told and no reason to give nothing."""
    await archive(web, b"kept\n")
    answer = await web.admin.get(LOG, {"timestamps": "true"})
    assert (answer.body, answer.headers["x-slipway-log-timestamps"]) == (b"kept\n", "unavailable")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"lost": "the node had thrown its log away"}, "is lost: the node had thrown its log away"),
        ({"reason": "ImagePullBackOff", "message": "no such image"}, "write a log: ImagePullBackOff: no such image"),
        ({}, "nothing is known of it"),
    ],
)
async def test_nothing_was_kept(web: Web, kept: dict[str, str], told: str) -> None:
    """410, and why."""
    await archive(web, None, **kept)
    answer = await web.admin.get(LOG)
    assert answer.status == 410
    assert told in answer.json()["detail"]


async def test_a_log_store(web: Web, tmp_path: Path) -> None:
    """A log in an object store is read from there; one that is not there any more, or not reachable, is told."""
    url = f"file://{tmp_path}/logs"
    await archive(web, TEXT, url)
    answer = await web.admin.get(LOG)
    assert (answer.status, "log store that this web server does not know" in answer.json()["detail"]) == (410, True)
    web.use(replace(web.parts, log_store=LogStore(url)))
    assert (await web.admin.get(LOG)).body == TEXT
    for found in (tmp_path / "logs").rglob("*.gz"):
        found.unlink()
    assert [(await web.admin.get(LOG, more)).status for more in ({}, {"tail": 5})] == [410, 410]


async def test_a_log_store_that_is_away(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, without the words of the store, which name what only its operator has to know."""

    async def refuse(*_: object) -> None:
        raise OSError("GET http://hidden-host/hidden-bucket: 403 Forbidden")

    await archive(web, TEXT, "memory:///")
    monkeypatch.setattr("obstore.get_async", refuse)
    web.use(replace(web.parts, log_store=LogStore("memory:///")))
    answer = await web.admin.get(LOG)
    assert (answer.status, answer.json()["detail"]) == (503, "The log store does not answer")
    assert "hidden" not in answer.text


async def test_a_task_without_a_pod(web: Web) -> None:
    """It has no log, which is told, and no Pod is asked for."""
    attempt = {"number": 1, "pod": "", "state": "Success", "finishedAt": at(20)}
    web.record(task(A, "etl-03", "wait", 60, state="Success", attempts=[attempt]))
    for path in (LOG, EVENTS):
        answer = await web.admin.get(path.replace("report/attempts/2", "wait/attempts/1"))
        assert (answer.status, "without a Pod" in answer.json()["detail"]) == (404, True)


async def test_another_tenant(web: Web) -> None:
    """An archived log is not shown to whom the live one would not be, nor found in another namespace."""
    await archive(web, b"password: hunter2")
    assert (await web.client("bob").get(LOG)).status == 403
    assert (await web.admin.get(LOG.replace(A, B))).status == 410


async def test_events_of_a_pod(web: Web) -> None:
    """What Kubernetes says now, the oldest first."""
    first, last = "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"
    web.server.pod_events[POD] = [
        {
            "type": "Warning",
            "reason": "BackOff",
            "message": "m",
            "count": 3,
            "firstTimestamp": first,
            "lastTimestamp": last,
        },
        {"type": "Normal", "reason": "Scheduled", "message": "n", "eventTime": first, "firstTimestamp": None},
    ]
    found = (await web.client("alice").get(EVENTS)).json()
    assert [(each["reason"], each["count"], each["first"], each["last"]) for each in found["items"]] == [
        ("Scheduled", 1, first, first),
        ("BackOff", 3, first, last),
    ]
    assert found["source"] == "live"


async def test_events_that_kubernetes_has_forgotten(web: Web) -> None:
    """The archived ones are given, with when they were read; without any the answer is an empty list."""
    found = (await web.admin.get(EVENTS)).json()
    assert (found["items"], found["source"]) == ([], "live")
    await archive(web, None, events=({**BACK_OFF, "last": "2026-01-01T00:00:02Z"},))
    found = (await web.admin.get(EVENTS)).json()
    assert (found["source"], found["at"]) == ("archived", "2026-01-01T06:00:00Z")
    assert [(each["reason"], each["count"]) for each in found["items"]] == [("BackOff", 4)]


async def test_events_need_the_right_to_list_events(web: Web) -> None:
    """That of `kubectl events`."""
    web.server.grant("viewer", ("get", "pods/log", A), ("get", "taskruns", A))
    answer = await web.client("viewer").get(EVENTS)
    assert answer.status == 403
    assert re.search("list events", answer.json()["detail"])
