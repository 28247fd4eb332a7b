"""Logs: as the task wrote them, in pieces, with a limit, and with a word on why there is none."""

from pathlib import Path
from typing import Any

import pytest

from controller.web.settings import WebSettings
from tests.metastore.recording import RecordingWriter
from tests.web.conftest import Web, make_web
from tests.web.objects import A

LOG = f"/api/v1/namespaces/{A}/runs/etl-03/tasks/report/attempts/2/log"


async def test_a_log_is_plain_text(web: Web) -> None:
    """Markup, escape codes and bytes that are no text come as they are, and no browser guesses otherwise."""
    written = b"<script>alert(1)</script>\n\x1b[31mred\x1b[0m\n\xff\xfe\x00binary"
    web.server.logs["etl-03-report-2"] = [written[:10], written[10:]]
    answer = await web.client("alice").get(LOG)
    assert answer.body == written
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_an_empty_log(web: Web) -> None:
    """It is empty, not an error."""
    web.server.logs["etl-03-report-2"] = []
    answer = await web.admin.get(LOG)
    assert (answer.status, answer.body) == (200, b"")


async def test_a_log_is_cut_where_it_is_too_long(filled: RecordingWriter, tmp_path: Path) -> None:
    """The memory of the server and of the browser is safe, and the reader is told."""
    web = make_web(filled, tmp_path, WebSettings(database_url=filled.url, log_bytes=2048))
    web.server.logs["etl-03-report-2"] = [b"x" * 1000] * 1000
    answer = await web.admin.get(LOG)
    assert answer.body.startswith(b"x" * 2000)
    assert len(answer.body) < 2200
    assert b"only 2048 bytes" in answer.body
    web.parts.reader.close()


async def test_a_log_of_just_that_length(filled: RecordingWriter, tmp_path: Path) -> None:
    """It is whole, and nothing is said of a limit."""
    web = make_web(filled, tmp_path, WebSettings(database_url=filled.url, log_bytes=2048))
    web.server.logs["etl-03-report-2"] = [b"x" * 1024] * 2
    assert (await web.admin.get(LOG)).body == b"x" * 2048
    web.parts.reader.close()


async def test_a_log_that_is_followed(filled: RecordingWriter, tmp_path: Path) -> None:
    """It goes on until the task ends, however much that is: nothing of it is kept on the way."""
    web = make_web(filled, tmp_path, WebSettings(database_url=filled.url, log_bytes=2048))
    web.server.logs["etl-03-report-2"] = [b"x" * 1000] * 100
    answer = await web.admin.get(LOG, {"follow": "true"})
    assert answer.body == b"x" * 100_000
    assert answer.headers["x-slipway-log"] == "live"
    web.parts.reader.close()


async def test_a_pod_that_is_gone_is_told(web: Web) -> None:
    """With the name of the Pod and a way on."""
    answer = await web.admin.get(LOG)
    assert answer.status == 410
    assert "etl-03-report-2" in answer.json()["detail"]
    assert answer.json()["wayOn"]


async def test_a_container_that_waits_says_why(web: Web) -> None:
    """The API server's own word is passed on."""
    web.server.waiting = 'container "main" in pod is waiting to start: ImagePullBackOff'
    answer = await web.admin.get(LOG)
    assert answer.status == 409
    assert "ImagePullBackOff" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        (LOG.replace("attempts/2", "attempts/7"), {}, 404),
        (LOG.replace("attempts/2", "attempts/0"), {}, 422),
        (LOG.replace("attempts/2", "attempts/two"), {}, 422),
        (LOG.replace("etl-03", "no-such"), {}, 404),
        (LOG.replace("report", "no-such"), {}, 404),
        (LOG, {"index": "3"}, 404),
        (LOG, {"tail": "-1"}, 422),
        (LOG, {"container": "other"}, 422),
    ],
)
async def test_what_is_not_there(web: Web, path: str, params: dict[str, Any], status: int) -> None:
    """A problem with a way on, never a guess at a Pod's name."""
    web.server.logs["etl-03-report-2"] = [b"x"]
    assert (await web.admin.get(path, params)).status == status


async def test_seeing_runs_is_not_seeing_logs(web: Web) -> None:
    """The right is that of `kubectl logs`."""
    web.server.grant("viewer", ("get", "dagruns", A), ("get", "taskruns", A), ("get", "dags", A))
    web.server.logs["etl-03-report-2"] = [b"password: hunter2"]
    answer = await web.client("viewer").get(LOG)
    assert answer.status == 403
    assert "get pods/log" in answer.json()["detail"]
    assert "--subresource=log" in answer.json()["wayOn"]
