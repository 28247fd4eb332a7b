"""A cluster -> Slipway's controller as a process of this machine, so that a test can kill it as often as it likes.

The installed controller is stopped meanwhile; a container that is killed again and again would be kept back by the
kubelet for minutes.
"""

import json
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
from typing import Any, Final

from tests.cluster import Cluster
from tests.e2e.install import NAMESPACE, RELEASE, kubectl

PORT: Final = 18099


@dataclass
class LocalController:
    """One controller process at a time, with a SQLite file that outlives it; others may share the folder."""

    cluster: Cluster
    folder: Path
    name: str = "controller"
    port: int = PORT
    """Of its probes."""
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
        with self._log_file().open("wb") as log:
            self._process = subprocess.Popen(words, env=self._environment(settings), stdout=log, stderr=log)

    def migrate(self) -> None:
        """Make the database's tables."""
        words = [sys.executable, "-m", "controller", "db", "migrate"]
        subprocess.run(words, env=self._environment({}), check=True, capture_output=True)

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def until_ready(self) -> None:
        """Wait until it decides, or as a standby could."""
        give_up_at = time.monotonic() + 30
        while time.monotonic() < give_up_at:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1)
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the controller is not ready after 30 s:\n{self.log()}")

    def leads(self) -> bool:
        """Whether it says that it leads."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/counts", timeout=1) as answer:
                counts: dict[str, Any] = json.load(answer)
        except (urllib.error.URLError, OSError):
            return False
        return bool(counts["election"]["role"] == "leader")

    def until_ended(self, seconds: float) -> int:
        """The code with which it ends by itself in this time."""
        assert self._process is not None
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{self.name} goes on after {seconds} s:\n{self.log()}") from error

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, and don't wait for what comes of it."""
        assert self._process is not None
        self._process.send_signal(number)

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
        return self._log_file().read_text()[-5000:]

    def _log_file(self) -> Path:
        return self.folder / f"{self.name}-{self.starts}.log"

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        own = {
            "KUBECONFIG": str(self.cluster.kubeconfig),
            "SLIPWAY_DATABASE_URL": self.database_url,
            "SLIPWAY_DEFAULT_TASK_IMAGE": self.cluster.base_image,
            "SLIPWAY_PROBE_PORT": str(self.port),
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
