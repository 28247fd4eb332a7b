"""Names of Debian packages -> programs on this machine, one installation at a time whoever asks.

apt-get fails at once while another one holds its locks, and tests without a cluster may run beside a cluster's start.
No daemon of Debian's may start: we run our own, with our own folders.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.cluster.locks import locked
from tests.cluster.native.layout import cache

_POLICY: Final = Path("/usr/sbin/policy-rc.d")
"""Debian asks this file before it starts a service; 101 means no."""


def install(*packages: str) -> None:
    """Install these; RuntimeError with apt-get's own words when that fails."""
    if shutil.which("apt-get") is None:
        raise RuntimeError(f"install these first, this machine has no apt-get: {', '.join(packages)}")
    with locked(cache() / "apt.lock"), replaced(_POLICY, "#!/bin/sh\nexit 101\n"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "-qq", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
            )
            if done.returncode:
                raise RuntimeError(f"apt-get {command[0]} failed: {done.stderr.strip()}")


@contextmanager
def replaced(path: Path, text: str) -> Iterator[None]:
    """A program's text in place of what was there, which comes back."""
    before = path.read_bytes() if path.exists() else None
    mode = path.stat().st_mode if before is not None else 0o755
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
            path.chmod(mode)
