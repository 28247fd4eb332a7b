"""Checkout -> every path of its native cluster.

What lasts lies in the checkout's `.slipway` folder. What a restart of the machine must wipe, and
sockets (whose paths may have at most 107 characters, however deep the checkout), lie in `/run/slipway`.
What is worth sharing between checkouts lies in the user's cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

RUN = Path("/run/slipway")
RECORD = RUN / "cluster.json"
LOCK = RUN / "lock"
CONTAINERD_SOCKET = RUN / "containerd.sock"
CONTAINERD_STATE = RUN / "containerd"
DOCKER_RUN = RUN / "docker"
DOCKER_SOCKET = RUN / "docker.sock"
CNI_BIN = Path("/usr/lib/cni")
CNI_RESULTS = Path("/var/lib/cni/results")
CONTAINER_LOG_LINKS = Path("/var/log/containers")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of the cluster that one checkout runs."""

    checkout: Path

    @property
    def state(self) -> Path:
        """Git-ignored folder that holds all the rest."""
        return self.checkout / ".slipway"

    @property
    def bin(self) -> Path:
        """Links to the programs, kubectl and helm among them."""
        return self.state / "bin"

    @property
    def logs(self) -> Path:
        """One file per part, and the audit log."""
        return self.state / "logs"

    @property
    def audit_log(self) -> Path:
        """One JSON object per request that the API server answered."""
        return self.logs / "audit.log"

    @property
    def config(self) -> Path:
        """Files that the parts are started with; written anew by each fresh start."""
        return self.state / "config"

    @property
    def authentication(self) -> Path:
        """Whose tokens the API server takes besides its own."""
        return self.config / "authentication.json"

    @property
    def certificates(self) -> Path:
        """Keys, certificates and the parts' kubeconfigs."""
        return self.state / "certs"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.state / "kubeconfig"

    @property
    def images(self) -> Path:
        """Archives of the images that every fresh start imports again."""
        return self.state / "images"

    @property
    def data(self) -> Path:
        """What the cluster itself writes: etcd, containerd, kubelet, CNI. Deleted by a fresh start."""
        return self.state / "data"

    @property
    def volumes(self) -> Path:
        """One folder per dynamic volume."""
        return self.data / "volumes"

    @property
    def docker(self) -> Path:
        """Data root of the private Docker daemon: the layer cache of image builds."""
        return self.state / "docker"


def checkout() -> Path:
    """The checkout that this file belongs to."""
    return Path(__file__).resolve().parents[3]


def cache() -> Path:
    """The user's cache folder for Slipway."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipway"
