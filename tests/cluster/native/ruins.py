"""What a cluster leaves on the machine -> nothing: containers, mounts, control groups, network.

Works the same after an orderly stop and after every process was killed.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from tests.cluster.native import network
from tests.cluster.native.layout import (
    CONTAINER_LOG_LINKS,
    CONTAINERD_SOCKET,
    CONTAINERD_STATE,
    DOCKER_RUN,
    RUN,
    Layout,
)
from tests.cluster.native.mounts import unmount_below
from tests.cluster.native.processes import kill_trees, with_argument

CONTROL_GROUPS = Path("/sys/fs/cgroup")
OUR_GROUPS = ("kubepods", "slipway-docker")
SHIM = "containerd-shim"
PATIENCE_SECONDS = 5.0


def end_containers() -> None:
    """Kill every container of our containerd: its shims name our socket on their command line."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while shims := _shims():
        kill_trees(shims)
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def remove(layout: Layout) -> None:
    """Unmount, take the network away, and delete what the cluster wrote outside of its logs."""
    unmount_below(layout.data, layout.docker, CONTAINERD_STATE, DOCKER_RUN)
    network.remove()
    _remove_control_groups()
    if CONTAINER_LOG_LINKS.is_dir():
        for link in CONTAINER_LOG_LINKS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(layout.data):
                link.unlink()
    for folder in (layout.data, CONTAINERD_STATE, DOCKER_RUN):
        shutil.rmtree(folder, ignore_errors=True)
    for socket in RUN.glob("*.sock*"):
        socket.unlink()


def _shims() -> list[int]:
    found = with_argument(str(CONTAINERD_SOCKET))
    return [pid for pid, argv in found.items() if Path(argv[0]).name.startswith(SHIM)]


def _remove_control_groups() -> None:
    """Old hierarchies have one folder per controller, the unified one has a single root."""
    tops = [top for name in OUR_GROUPS for pattern in (name, f"*/{name}") for top in CONTROL_GROUPS.glob(pattern)]
    for top in tops:
        folders = [folder for folder in top.rglob("*") if folder.is_dir()]
        for folder in sorted([top, *folders], key=lambda path: len(path.parts), reverse=True):
            with contextlib.suppress(OSError):  # a process that is just ending still holds it
                folder.rmdir()
