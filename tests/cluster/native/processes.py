"""Command line -> a detached process that later runs of this program can still recognise.

A pid alone proves nothing: the kernel reuses it. A process counts as ours only while its start time
and its command line are the ones that were recorded when we started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
SPAWN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process that we started, as it is written to the record."""

    pid: int
    started_at: int
    """Kernel clock ticks since boot (field 22 of /proc/PID/stat)."""
    argv: tuple[str, ...]


def start(argv: Sequence[str], log: Path, env: Mapping[str, str]) -> Process:
    """A process in a session of its own, whose output is appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawnp(
        argv[0],
        list(argv),
        dict(env),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    process = Process(pid, _stat(pid).started_at, tuple(argv))
    _wait_for_command_line(process)
    return process


def is_alive(process: Process) -> bool:
    """Whether this very process still runs; a zombie does not."""
    try:
        seen = _stat(process.pid)
        argv = command_line(process.pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return seen.state not in "ZX" and seen.started_at == process.started_at and argv == process.argv


def stop(processes: Iterable[Process], *, grace_seconds: float) -> None:
    """End processes of ours: politely, then by force; returns when all are gone."""
    living = [process for process in processes if is_alive(process)]
    for number, patience in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 5.0)):
        for process in living:
            _signal(process.pid, number)
        living = _survivors(living, patience)
        if not living:
            return


def with_argument(word: str) -> dict[int, tuple[str, ...]]:
    """Every process on the machine one of whose arguments is exactly `word`, by pid."""
    found = {}
    for pid in _all_pids():
        try:
            argv = command_line(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if word in argv:
            found[pid] = argv
    return found


def kill_trees(roots: Iterable[int]) -> None:
    """End processes and all their descendants by force, descendants first so that none is orphaned."""
    children = _children()
    doomed: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        doomed.append(pid)
        waiting.extend(children.get(pid, []))
    for pid in reversed(doomed):
        _signal(pid, signal.SIGKILL)


def command_line(pid: int) -> tuple[str, ...]:
    """The arguments that a process was started with."""
    return tuple(Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1])


def _wait_for_command_line(process: Process) -> None:
    """For a moment after the spawn the kernel shows no arguments: the process would look like a stranger."""
    deadline = time.monotonic() + SPAWN_SECONDS
    while time.monotonic() < deadline and not command_line(process.pid):
        time.sleep(0.001)


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    parent: int
    started_at: int


def _stat(pid: int) -> _Stat:
    # The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return _Stat(state=fields[0], parent=int(fields[1]), started_at=int(fields[19]))


def _survivors(processes: list[Process], patience_seconds: float) -> list[Process]:
    deadline = time.monotonic() + patience_seconds
    while processes and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        processes = [process for process in processes if is_alive(process)]
    return processes


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended by itself in the meantime
        os.kill(pid, number)


def _all_pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pid in _all_pids():
        try:
            children.setdefault(_stat(pid).parent, []).append(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return children
