"""The bare machine -> a cluster of its own: the backend for where neither Docker nor a registry is at hand."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import ClusterError
from tests.cluster.model import Cluster, ImageOrder
from tests.cluster.native import dockerfile, lifecycle, record
from tests.cluster.native.health import answers
from tests.cluster.native.images import BASE_IMAGE
from tests.cluster.native.layout import Layout
from tests.cluster.native.packages import use_system_paths
from tests.cluster.native.parts import BY_NAME, PARTS
from tests.cluster.progress import say


@dataclass(frozen=True, slots=True)
class Native:
    """The cluster whose parts run as processes of this machine."""

    layout: Layout
    name: str = "native"

    def up(self) -> Cluster:
        """The machine's one native cluster, which may have been started by another checkout."""
        demand_root()
        use_system_paths()
        found = lifecycle.up(self.layout)
        if found != self.layout:
            say(f"Using the cluster that {found.checkout} started on this machine; `down` here ends it as well.")
            _borrow(self.layout, found)
        return _cluster(self.layout, found)

    def down(self) -> bool:
        """End every process, mount, rule and link of the cluster."""
        demand_root()
        use_system_paths()
        was_running = lifecycle.down()
        if self.layout.kubeconfig.is_symlink():  # into the checkout whose cluster is now gone
            self.layout.kubeconfig.unlink()
        return was_running

    def status(self) -> dict[str, str]:
        """One line per part."""
        found = record.load()
        if not found:
            return {"cluster": "is not running"}
        living = found.living()
        names = [part.name for part in PARTS] + [name for name in living if name not in BY_NAME]
        return {name: _state(name, living.get(name) is not None) for name in names}

    def build_image(self, order: ImageOrder) -> None:
        """Build with a Docker daemon of our own, and import the result into the cluster's containerd."""
        demand_root()
        use_system_paths()
        lifecycle.running()
        dockerfile.build(self.layout, order)


def demand_root() -> None:
    """Refuse at once where the native cluster cannot work."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise ClusterError(
            "The native cluster needs root on Linux (sudo -E); "
            "or name a cluster of yours with --context, or start Docker and kind is used."
        )


def _cluster(own: Layout, found: Layout) -> Cluster:
    return Cluster(
        backend="native",
        kubeconfig=own.kubeconfig,
        kubectl=own.bin / "kubectl",
        helm=own.bin / "helm",
        audit_log=found.audit_log,
        authentication=found.authentication,
        base_image=BASE_IMAGE,
    )


def _state(name: str, is_living: bool) -> str:
    if not is_living:
        return "is not running"
    part = BY_NAME.get(name)
    return "ready" if part is None or answers(part.ready_at) else "runs but is not ready"


def _borrow(own: Layout, found: Layout) -> None:
    """Let this checkout's `.slipway` lead to the other one's cluster."""
    own.bin.mkdir(parents=True, exist_ok=True)
    for link, target in _links(own, found):
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _links(own: Layout, found: Layout) -> list[tuple[Path, Path]]:
    programs = [(own.bin / program.name, program.resolve()) for program in found.bin.iterdir()]
    return [(own.kubeconfig, found.kubeconfig), *programs]
