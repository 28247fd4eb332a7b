"""Processes of ours and of others -> only ours are ever recognised, and so ended."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.native.processes import Process, is_alive, kill_trees, start, stop, with_argument

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    """A process of ours that would run for a minute."""
    process = start(["sleep", "60.125"], tmp_path / "log", os.environ)
    yield process
    stop([process], grace_seconds=1)
    os.waitpid(process.pid, 0)


def test_running(sleeper: Process) -> None:
    """A process that we started is ours while it runs."""
    assert is_alive(sleeper)


def test_same_pid_later_start(sleeper: Process) -> None:
    """A process that got the pid of a dead one of ours is a stranger."""
    assert not is_alive(replace(sleeper, started_at=sleeper.started_at - 1))


def test_same_pid_other_command(sleeper: Process) -> None:
    """A process with another command line is a stranger, and is not ended."""
    stranger = replace(sleeper, argv=("sleep", "1"))
    stop([stranger], grace_seconds=0)
    assert is_alive(sleeper)


def test_stopped(sleeper: Process) -> None:
    """A process that ended is not alive, even while its parent has not asked for its fate."""
    stop([sleeper], grace_seconds=1)
    assert not is_alive(sleeper)


def test_tree(tmp_path: Path) -> None:
    """A process and its children, found by one exact argument, end together."""
    parent = start(["sh", "-c", "sleep 60.25 & echo $!; wait", "slipway-tree-test"], tmp_path / "log", os.environ)
    assert parent.pid in with_argument("slipway-tree-test")
    while not (child := (tmp_path / "log").read_text().strip()):
        os.sched_yield()
    ending = os.pidfd_open(int(child))
    kill_trees([parent.pid])
    os.waitpid(parent.pid, 0)
    assert select.select([ending], [], [], 5.0)[0] == [ending]
    os.close(ending)
