"""A real server that speaks S3, with one bucket that is a folder."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.cluster.commands import ClusterError
from tests.cluster.native.builds import VERSITYGW, programs

USER: Final = "somebody"
PASSWORD: Final = "a-long-password"  # noqa: S105 of a server that lives for one test
PATIENCE_SECONDS: Final = 30


@contextmanager
def s3_server(program: Path, folder: Path, address: str, bucket: str) -> Iterator[dict[str, str]]:
    """The variables with which a client reaches the bucket, a folder `s3/BUCKET`, on a free port of the address."""
    with socket.create_server((address, 0)) as free:
        place = f"{address}:{free.getsockname()[1]}"
    about = folder / "about"
    (folder / "s3" / bucket).mkdir(parents=True)
    about.mkdir()
    command = [str(program), "--port", place, "--access", USER, "--secret", PASSWORD]
    # What it knows of an object lies beside the objects: without it, no upload in parts can be completed.
    command += ["--region", "us-east-1", "posix", "--sidecar", str(about), str(folder / "s3")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(server, place)
            yield {
                "AWS_ENDPOINT_URL": f"http://{place}",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": USER,
                "AWS_SECRET_ACCESS_KEY": PASSWORD,
            }
        finally:
            server.terminate()


@pytest.fixture
def bucket(s3_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the server shows as bucket `lake`; the controller's variables lead there."""
    with s3_server(s3_program, tmp_path, "127.0.0.1", "lake") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield tmp_path / "s3" / "lake"


@pytest.fixture(scope="session")
def s3_program() -> Path:
    """The server's program, built once; the test is skipped where it can't be built."""
    try:
        return programs(VERSITYGW)["versitygw"]
    except ClusterError as error:
        pytest.skip(f"there is no server that speaks S3: {error}")


def _wait_for(server: subprocess.Popen[bytes], place: str) -> None:
    """Return when the server answers there; an error when it has ended, or takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    address, _, port = place.rpartition(":")
    while True:
        try:
            socket.create_connection((address, int(port)), timeout=PATIENCE_SECONDS).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
