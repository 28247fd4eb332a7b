"""A cluster -> Slipway's controller as a process of this machine, so that a test can kill it as often as it likes.

The installed controller is stopped meanwhile; a container that is killed again and again would be kept back by the
kubelet for minutes.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.cluster import Cluster
from tests.e2e.install import NAMESPACE, RELEASE, kubectl

PORT: Final = 18099


@dataclass
class LocalController:
    """One controller process at a time, with a SQLite file that outlives it."""

    cluster: Cluster
    folder: Path
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def database_url(self) -> str:
        """The metastore that it writes."""
        return f"sqlite:///{self.folder / 'slipway.db'}"

    def start(self, **settings: str) -> None:
        """Start it; `settings` are further SLIPWAY_ variables."""
        self.starts += 1
        words = [sys.executable, "-m", "controller", "controller"]
        with (self.folder / f"controller-{self.starts}.log").open("wb") as log:
            self._process = subprocess.Popen(words, env=self._environment(settings), stdout=log, stderr=log)

    def migrate(self) -> None:
        """Make the database's tables."""
        words = [sys.executable, "-m", "controller", "db", "migrate"]
        subprocess.run(words, env=self._environment({}), check=True, capture_output=True)

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def until_ready(self) -> None:
        """Wait until it decides."""
        give_up_at = time.monotonic() + 30
        while time.monotonic() < give_up_at:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=1)
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the controller is not ready after 30 s:\n{self.log()}")

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """End it as Kubernetes does."""
        if self.is_alive() and self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)

    def log(self) -> str:
        """What the last process logged."""
        return (self.folder / f"controller-{self.starts}.log").read_text()[-5000:]

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        own = {
            "KUBECONFIG": str(self.cluster.kubeconfig),
            "SLIPWAY_DATABASE_URL": self.database_url,
            "SLIPWAY_DEFAULT_TASK_IMAGE": self.cluster.base_image,
            "SLIPWAY_PROBE_PORT": str(PORT),
        }
        return {**os.environ, **own, **settings}


@contextmanager
def installed_one_stopped(cluster: Cluster) -> Iterator[None]:
    """The installed controller stands still inside, and is back at work afterwards."""
    deployment = ("-n", NAMESPACE, "scale", f"deployment/{RELEASE}")
    kubectl(cluster, *deployment, "--replicas=0")
    words = ("wait", "--for=delete", "pod", "-l", f"app.kubernetes.io/instance={RELEASE}", "--timeout=60s")
    kubectl(cluster, "-n", NAMESPACE, *words)
    try:
        yield
    finally:
        kubectl(cluster, *deployment, "--replicas=1")
        kubectl(cluster, "-n", NAMESPACE, "rollout", "status", f"deployment/{RELEASE}", "--timeout=90s")
