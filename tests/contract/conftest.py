"""A real server that speaks S3, with one bucket that is a folder."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.native.builds import VERSITYGW, programs

USER: Final = "somebody"
PASSWORD: Final = "a-long-password"  # noqa: S105 of a server that lives for one test


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the server shows as bucket `lake`; the controller's variables lead there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path / "lake"
    folder.mkdir()
    command = [str(programs(VERSITYGW)["versitygw"]), "--port", f"127.0.0.1:{port}", "--access", USER]
    command += ["--secret", PASSWORD, "--region", "us-east-1", "posix", "--nometa", str(tmp_path)]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        yield folder
        server.terminate()
