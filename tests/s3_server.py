"""A real server that speaks S3, with one bucket that is a folder."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.commands import ClusterError
from tests.cluster.native.builds import VERSITYGW, programs

USER: Final = "somebody"
PASSWORD: Final = "a-long-password"  # noqa: S105 of a server that lives for one test
PATIENCE_SECONDS: Final = 30


@pytest.fixture
def bucket(s3_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the server shows as bucket `lake`; the controller's variables lead there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder, about = tmp_path / "s3" / "lake", tmp_path / "about"
    folder.mkdir(parents=True)
    about.mkdir()
    command = [str(s3_program), "--port", f"127.0.0.1:{port}", "--access", USER, "--secret", PASSWORD]
    # What it knows of an object lies beside the objects: without it, no upload in parts can be completed.
    command += ["--region", "us-east-1", "posix", "--sidecar", str(about), str(folder.parent)]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(server, port)
            yield folder
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def s3_program() -> Path:
    """The server's program, built once; the test is skipped where it can't be built."""
    try:
        return programs(VERSITYGW)["versitygw"]
    except ClusterError as error:
        pytest.skip(f"there is no server that speaks S3: {error}")


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Return when the server answers at the port; an error when it has ended, or takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
