"""Program -> the Debian package that brings it, installed when it is missing."""

from __future__ import annotations

import os
import shutil

from tests.cluster.commands import ClusterError
from tests.cluster.debian import install
from tests.cluster.native.layout import CNI_BIN
from tests.cluster.progress import step

PACKAGES: dict[str, str] = {
    "containerd": "containerd",
    "runc": "runc",
    str(CNI_BIN / "bridge"): "containernetworking-plugins",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "mount": "mount",
    "dockerd": "docker.io",
}
"""Program (looked up in PATH unless it is a path) -> package."""

SYSTEM_PATHS = "/usr/local/sbin:/usr/sbin:/sbin"
"""A user's PATH often lacks these."""


def install_missing() -> None:
    """Bring every program of PACKAGES onto the machine; nothing happens when all are there."""
    missing = sorted({package for program, package in PACKAGES.items() if shutil.which(program) is None})
    if not missing:
        return
    try:
        with step(f"installing Debian packages: {' '.join(missing)}"):
            install(*missing)
    except RuntimeError as error:
        raise ClusterError(str(error)) from error


def use_system_paths() -> None:
    """Let this process, and those it starts, find daemons where Debian keeps them."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    if not path.endswith(SYSTEM_PATHS):
        os.environ["PATH"] = f"{path}:{SYSTEM_PATHS}"
