"""Name of a program -> a link to it in `.slipway/bin`: the user's own one, or one built from source."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cluster.commands import ClusterError
from tests.cluster.native import builds

SOURCES = {"kubectl": builds.KUBERNETES, "helm": builds.KUBERNETES, "kind": builds.KIND}


def provide(program: str, state: Path) -> Path:
    """The link, made if it is missing."""
    link = state / "bin" / program
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(_find(program))
    return link


def _find(program: str) -> Path:
    found = shutil.which(program)
    if found:
        return Path(found)
    if shutil.which("go") is None:
        raise ClusterError(f"Install {program}, or Go so that it can be built from source.")
    return builds.programs(SOURCES[program])[program]
