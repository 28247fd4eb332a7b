"""Nothing -> the record that describes a running cluster, and the shape of what makes one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster, as tests and the demo use it."""

    backend: str
    """native, kind or context."""
    kubeconfig: Path
    """The administrator's kubeconfig; its current context is this cluster."""
    kubectl: Path
    helm: Path
    audit_log: Path | None
    """One JSON object per request that the API server answered; None where its log cannot be had."""
    authentication: Path | None
    """An AuthenticationConfiguration that the API server reads anew when it changes; None where it can't be had."""
    base_image: str
    """An image with sh and python3 that Pods can start from without a pull secret."""


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """An image to build and to put where the cluster's nodes find it."""

    tag: str
    context: Path
    base: str | None
    """What the Dockerfile's BASE_IMAGE becomes; None leaves it to the backend."""
    keep_daemon: bool = False


class Backend(Protocol):
    """One way to have a cluster."""

    @property
    def name(self) -> str:
        """The word by which a user asks for it."""

    def up(self) -> Cluster:
        """The running cluster; started when it does not run yet."""

    def down(self) -> bool:
        """End what `up` started; False when nothing ran."""

    def status(self) -> dict[str, str]:
        """Each part of the cluster, with the word `ready` or with what is wrong."""

    def build_image(self, order: ImageOrder) -> None:
        """Build an image and put it into the cluster."""
