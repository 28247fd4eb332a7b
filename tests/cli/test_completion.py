"""Completion, as a shell asks for it: names from the cluster, in time, and silence where there are none."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

import pytest
import yaml

from controller.cli import completion

ABOVE = "/apis/slipway.dev/v1alpha1/namespaces/team"


def run(name: str, dag: str, second: int) -> dict[str, Any]:
    """A run of a list."""
    created = f"2026-01-01T00:00:{second:02}Z"
    return {"metadata": {"name": name, "creationTimestamp": created}, "spec": {"dagRef": {"name": dag}}}


class ApiServer(BaseHTTPRequestHandler):
    """Answers what there is to be read."""

    answers: ClassVar[dict[str, Any]] = {
        f"{ABOVE}/dags?limit=500": {"items": [{"metadata": {"name": "etl"}}, {"metadata": {"name": "shop"}}]},
        f"{ABOVE}/dagruns?limit=500": {"items": [run("etl-1", "etl", 1), run("etl-2", "etl", 2)]},
        f"{ABOVE}/dagruns/etl-1": run("etl-1", "etl", 1),
        f"{ABOVE}/dags/etl": {"spec": {"tasks": [{"name": "load"}, {"name": "report"}]}},
    }
    seconds: ClassVar[float] = 0.0
    ending: ClassVar[Event] = Event()

    def do_GET(self) -> None:
        """Answer, if the caller has the token and still waits."""
        self.ending.wait(type(self).seconds)
        found = self.answers.get(self.path) if self.headers["Authorization"] == "Bearer secret" else None
        body = json.dumps(found or {}).encode()
        with contextlib.suppress(ConnectionError):
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The kubeconfig of an API server, as the environment has it."""
    monkeypatch.setattr(ApiServer, "seconds", 0.0)
    monkeypatch.setattr(ApiServer, "ending", Event())
    server = ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
    server.daemon_threads = False  # none goes on, and complains, in a later test
    Thread(target=server.serve_forever, daemon=True).start()
    path = tmp_path / "kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}],
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "u", "user": {"token": "secret"}}],
    }
    path.write_text(yaml.safe_dump(config))
    yield path
    ApiServer.ending.set()
    server.shutdown()
    server.server_close()


def completed(kubeconfig: Path | str, words: str, seconds: float = 20.0) -> tuple[set[str], str]:
    """What bash is offered, and standard error; a slow machine gets more time than half a second."""
    program = (
        f"from controller.cli import completion, main; completion.SECONDS = {seconds}; "
        "import sys; sys.argv = ['slipway']; main()"
    )
    environment = {
        "KUBECONFIG": str(kubeconfig),
        "_SLIPWAY_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    return set(done.stdout.split()), done.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("slipway trigger e", {"etl"}),
        ("slipway backfill create s", {"shop"}),
        ("slipway pause ", {"etl", "shop"}),
        ("slipway wait etl-1", {"etl-1"}),
        ("slipway watch ", {"etl@latest", "etl-1", "etl-2"}),
        ("slipway logs etl-1 ", {"load", "report"}),
        ("slipway logs etl@latest l", {"load"}),
        ("slipway why etl-1 r", {"report"}),
        ("slipway mark etl-1 load s", {"success", "skipped"}),
        ("slipway pause --run etl@", {"etl@latest"}),
        ("slipway pause -n other ", set()),
        ("slipway logs no-run ", set()),
    ],
)
def test_names(kubeconfig: Path, words: str, found: set[str]) -> None:
    """They come where the command line has room for them, and nothing ever on standard error."""
    assert completed(kubeconfig, words) == (found, "")


def test_a_server_that_takes_its_time(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a second the user is let go on."""
    monkeypatch.setattr(ApiServer, "seconds", 30.0)
    begun = time.monotonic()
    assert completed(kubeconfig, "slipway trigger e", 0.5) == (set(), "")
    assert time.monotonic() - begun < 10


def test_no_cluster() -> None:
    """Nothing, and silence."""
    assert completion.SECONDS == 0.5
    assert completed("/nowhere", "slipway trigger e") == (set(), "")


def test_a_token_of_the_kubeconfig(kubeconfig: Path) -> None:
    """Other commands send it too."""
    program = "from controller.connection import load_connection; print(load_connection().token)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"KUBECONFIG": str(kubeconfig)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "secret\n"
