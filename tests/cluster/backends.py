"""What the user named, and what the machine has -> the backend that gives the cluster.

First match wins: a named context; the backend that this checkout used last (until `down`); the native
cluster that runs on this machine; kind where Docker answers and pulls images; native.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.cluster import kind
from tests.cluster.commands import ClusterError
from tests.cluster.existing import Existing
from tests.cluster.model import Backend
from tests.cluster.native import record
from tests.cluster.native.backend import Native
from tests.cluster.native.layout import Layout, checkout

BACKENDS: dict[str, Callable[[Layout], Backend]] = {
    "kind": lambda layout: kind.Kind(layout.state),
    "native": Native,
}


def choose(*, context: str | None, name: str | None) -> Backend:
    """The backend for this checkout; what is not named is read from SLIPWAY_CONTEXT and SLIPWAY_BACKEND."""
    layout = Layout(checkout())
    context = context or os.environ.get("SLIPWAY_CONTEXT")
    name = name or os.environ.get("SLIPWAY_BACKEND")
    if context:
        return Existing(layout.state, context)
    name = name or _remembered(layout) or _found()
    if name.startswith("context:"):
        return Existing(layout.state, name.partition(":")[2])
    if name not in BACKENDS:
        raise ClusterError(f"There is no backend {name}; choose one of {', '.join(BACKENDS)}.")
    return BACKENDS[name](layout)


def remember(backend: Backend) -> None:
    """Let later commands in this checkout use the same backend."""
    file = _memory(Layout(checkout()))
    file.parent.mkdir(parents=True, exist_ok=True)
    name = f"context:{backend.context}" if isinstance(backend, Existing) else backend.name
    file.write_text(name)


def forget() -> None:
    """Let the next `up` choose anew."""
    _memory(Layout(checkout())).unlink(missing_ok=True)


def _remembered(layout: Layout) -> str:
    file = _memory(layout)
    return file.read_text().strip() if file.exists() else ""


def _found() -> str:
    if record.load():
        return "native"
    return "kind" if kind.is_possible() else "native"


def _memory(layout: Layout) -> Path:
    return layout.state / "backend"
