"""`slipway self-test` as `helm test` calls it: what it says, how it ends, and that nothing stays."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from controller.errors import Refused
from controller.model.action import Kind
from tests.cli.calling import slipway
from tests.cli.moving_cluster import MovingCluster, at_once
from tests.scenarios.story import Story, fails, succeeds


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> MovingCluster:
    """A cluster with a controller, and no Dag."""
    found = MovingCluster(Story({"hello": succeeds()}))
    at_once(monkeypatch, found)
    return found


@pytest.fixture
def server() -> Iterator[str]:
    """A web server that knows /readyz alone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=found.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{found.server_address[1]}"
    found.shutdown()
    thread.join()
    found.server_close()


def dags(cluster: MovingCluster) -> list[str]:
    """The Dags that are there."""
    return [raw["metadata"]["name"] for raw in cluster.story.cluster.all_of(Kind.DAG)]


def test_all_is_well(cluster: MovingCluster, server: str) -> None:
    """The address answers, the task succeeds, and the Dag is gone again."""
    code, out, err = slipway("self-test", "--url", f"{server}/readyz")
    assert (code, err) == (0, "")
    first, second, *rest = out.splitlines()
    assert first == f"{server}/readyz answers"
    assert second.startswith("dag.slipway.dev/slipway-self-test-")
    assert second.endswith(" created in namespace team")
    assert rest[-1] == "Success 1/1"
    assert dags(cluster) == []


def test_a_task_that_fails(cluster: MovingCluster) -> None:
    """Exit code 1, how the Dag and its run stood, and the Dag is gone all the same."""
    cluster.story.works["hello"] = fails()
    code, out, err = slipway("self-test")
    assert code == 1
    assert "failed" in err
    assert '"state": "Failed"' in out
    assert dags(cluster) == []


def test_a_controller_that_does_nothing(cluster: MovingCluster) -> None:
    """Exit code 124, and the Dag is gone."""
    cluster.story.works["hello"] = succeeds(1_000_000)
    assert slipway("self-test", "--timeout", "1").code == 124
    assert dags(cluster) == []


def test_a_dag_that_stays(cluster: MovingCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not delete it is told which it is."""

    async def refuse(*_: object) -> None:
        raise Refused("dags is forbidden", "Forbidden", 403)

    monkeypatch.setattr(cluster, "delete", refuse)
    code, _, err = slipway("self-test")
    assert code != 0
    assert f"Dag {dags(cluster)[0]} stays in namespace team: delete it by hand" in err


@pytest.mark.parametrize(
    ("url", "fault"),
    [("{}/other", "HTTP Error 503"), ("http://127.0.0.1:1/", "refused"), ("file:///etc/passwd", "not an")],
)
def test_an_address_that_does_not_answer(
    cluster: MovingCluster, server: str, monkeypatch: pytest.MonkeyPatch, url: str, fault: str
) -> None:
    """Exit code 1 and what is wrong with it, and no Dag is made."""
    monkeypatch.setattr("controller.cli.self_test._ANSWER_SECONDS", 0)
    code, _, err = slipway("self-test", "--url", url.format(server))
    assert code == 1
    assert fault in err
    assert dags(cluster) == []
