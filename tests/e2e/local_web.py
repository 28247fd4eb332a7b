"""A cluster -> `slipway web` as a process of this machine, behind a proxy that a test plays."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.cluster import Cluster

PORT: Final = 18098
ADDRESS: Final = f"http://127.0.0.1:{PORT}"
_PATIENCE_SECONDS: Final = 30


@contextmanager
def local_web(cluster: Cluster, folder: Path, **settings: str) -> Iterator[str]:
    """Its address while it runs, with the kubeconfig's credentials and a database of its own that has just been filled.

    `settings` are further variables.
    """
    own = {"KUBECONFIG": str(cluster.kubeconfig), "SLIPWAY_DATABASE_URL": f"sqlite:///{folder / 'slipway.db'}"}
    environment = {**os.environ, **own, "SLIPWAY_WEB_PORT": str(PORT), **settings}
    for words in (("db", "migrate"), ("db", "rebuild")):
        subprocess.run([sys.executable, "-m", "controller", *words], env=environment, check=True, capture_output=True)
    log = folder / "web.log"
    with log.open("wb") as file:
        words_to_serve = [sys.executable, "-m", "controller", "web"]
        process = subprocess.Popen(words_to_serve, env=environment, stdout=file, stderr=file)
    try:
        _until_ready(process, log)
        yield ADDRESS
    finally:
        process.terminate()
        process.wait(timeout=20)


def _until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/session/options", timeout=1)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the web server is not ready:\n{log.read_text()[-5000:]}")
