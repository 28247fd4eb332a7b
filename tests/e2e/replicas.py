"""A cluster and a namespace -> controllers of this machine that compete for a Lease there, each with a name of its own.

Each has a service account, so that the API server's audit log tells which of them wrote what.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.e2e.install import kubectl
from tests.e2e.local_controller import PORT, LocalController
from tests.e2e.world import World

LEASE: Final = "slipway"
RIGHTS: Final = "cluster-admin"


@dataclass
class Replicas:
    """Controllers that watch the world's namespace alone."""

    world: World
    folder: Path
    lease_seconds: int = 15
    all: dict[str, LocalController] = field(default_factory=dict)

    def start(self, name: str, server: str = "") -> LocalController:
        """Start a controller; `server` is another address of the API server."""
        if name not in self.all:
            self.all[name] = LocalController(self.world.cluster, self.folder, name, PORT + len(self.all))
        kubeconfig = self.folder / f"{name}.kubeconfig"
        kubeconfig.write_text(json.dumps(self._kubeconfig(name, server)))
        self.all[name].start(
            KUBECONFIG=str(kubeconfig),
            SLIPWAY_NAMESPACES=json.dumps([self.world.namespace]),
            SLIPWAY_LEASE_NAME=LEASE,
            SLIPWAY_LEASE_NAMESPACE=self.world.namespace,
            SLIPWAY_LEASE_SECONDS=str(self.lease_seconds),
        )
        return self.all[name]

    def leader(self, seconds: float = 30) -> LocalController:
        """The one that leads; the others are ready."""
        give_up_at = time.monotonic() + seconds
        while not (leaders := [each for each in self.all.values() if each.is_alive() and each.leads()]):
            assert time.monotonic() < give_up_at, "\n".join(each.log() for each in self.all.values())
            time.sleep(0.05)
        assert len(leaders) == 1, [each.name for each in leaders]
        for each in self.all.values():
            if each.is_alive():
                each.until_ready()
        return leaders[0]

    def lease(self) -> dict[str, Any]:
        """What stands in the Lease."""
        spec: dict[str, Any] = self.world.get("lease", LEASE)["spec"]
        return spec

    def writes_of(self, name: str, since: float) -> list[str]:
        """What this controller asked the API server to change from this moment on."""
        user = f"system:serviceaccount:{self.world.namespace}:{name}"
        return [
            f"{entry['verb']} {entry['requestURI']}"
            for entry in self.world.our_writes()
            if entry["user"]["username"] == user
            and datetime.fromisoformat(entry["requestReceivedTimestamp"]).timestamp() >= since
        ]

    def api_server(self) -> tuple[str, int]:
        """The API server's host and port."""
        address = urlsplit(self._cluster_entry()["server"])
        assert address.hostname is not None
        return address.hostname, address.port or 443

    def _cluster_entry(self) -> dict[str, Any]:
        config = json.loads(kubectl(self.world.cluster, "config", "view", "--minify", "--raw", "-o", "json"))
        entry: dict[str, Any] = config["clusters"][0]["cluster"]
        return entry

    def _kubeconfig(self, name: str, server: str) -> dict[str, Any]:
        """The cluster as this service account; at another address the certificate's names are not looked at."""
        entry = {"server": server, "insecure-skip-tls-verify": True} if server else self._cluster_entry()
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": entry}],
            "users": [{"name": "u", "user": {"token": self._token(name)}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }

    def _token(self, name: str) -> str:
        words = ("serviceaccount", name)
        if not self.world.kubectl("get", *words, "--ignore-not-found", "-o", "name"):
            self.world.kubectl("create", *words)
            binding = (f"--clusterrole={RIGHTS}", f"--serviceaccount={self.world.namespace}:{name}")
            self.world.kubectl("create", "clusterrolebinding", self._binding(name), *binding)
        return self.world.kubectl("create", "token", name, "--duration=2h").strip()

    def _binding(self, name: str) -> str:
        return f"{self.world.namespace}-{name}"

    def end(self) -> None:
        """End all of them, and take their rights back."""
        for name, each in self.all.items():
            each.kill()
            kubectl(self.world.cluster, "delete", "clusterrolebinding", self._binding(name), "--ignore-not-found")


@contextmanager
def replicas_in(world: World, folder: Path, lease_seconds: int = 15) -> Iterator[Replicas]:
    """None yet, with a database and an empty Lease, as the chart makes it."""
    LocalController(world.cluster, folder).migrate()
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": LEASE}}
    world.apply(lease)
    replicas = Replicas(world, folder, lease_seconds)
    try:
        yield replicas
    finally:
        replicas.end()
