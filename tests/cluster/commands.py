"""Command line -> its output, or one error that shows what it said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LAST_LINES = 15


class ClusterError(Exception):
    """The local cluster cannot do what was asked; the message tells the user what to change."""


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    timeout_seconds: float | None = None,
) -> str:
    """The standard output of a command that succeeded; a failure raises with the end of what it printed."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError:
        raise ClusterError(f"The program {words[0]} is not installed.") from None
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{_short(words)} did not end within {timeout_seconds:.0f} s.") from None
    if done.returncode:
        # Some programs explain themselves on standard output and only sigh on standard error.
        said = [*done.stdout.splitlines()[-LAST_LINES:], *done.stderr.splitlines()[-LAST_LINES:]]
        raise ClusterError("\n  ".join([f"{_short(words)} ended with {done.returncode}:", *said]))
    return done.stdout


def succeeds(argv: Sequence[str | Path], *, timeout_seconds: float | None = None) -> bool:
    """Whether a command exists and exits with 0; what it printed does not matter."""
    try:
        run(argv, timeout_seconds=timeout_seconds)
    except ClusterError:
        return False
    return True


def _short(words: Sequence[str]) -> str:
    return " ".join(words)[:200]
