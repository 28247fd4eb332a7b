"""Program -> the Debian package that brings it, installed when it is missing.

No daemon of Debian's may start: we run our own, with our own folders.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.commands import ClusterError, run
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

POLICY = Path("/usr/sbin/policy-rc.d")
SYSTEM_PATHS = "/usr/local/sbin:/usr/sbin:/sbin"
"""A user's PATH often lacks these."""


def install_missing() -> None:
    """Bring every program of PACKAGES onto the machine; nothing happens when all are there."""
    missing = sorted({package for program, package in PACKAGES.items() if shutil.which(program) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise ClusterError(f"Install these first, this machine has no apt-get: {', '.join(missing)}.")
    with step(f"installing Debian packages: {' '.join(missing)}"), _no_daemon_starts():
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], env=quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], env=quiet)


def use_system_paths() -> None:
    """Let this process, and those it starts, find daemons where Debian keeps them."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    if not path.endswith(SYSTEM_PATHS):
        os.environ["PATH"] = f"{path}:{SYSTEM_PATHS}"


@contextmanager
def _no_daemon_starts() -> Iterator[None]:
    """Debian asks this file before it starts a service; 101 means no. A file that was there comes back."""
    before = POLICY.read_bytes() if POLICY.exists() else None
    mode = POLICY.stat().st_mode if before is not None else 0o755
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if before is None:
            POLICY.unlink()
        else:
            POLICY.write_bytes(before)
            POLICY.chmod(mode)
