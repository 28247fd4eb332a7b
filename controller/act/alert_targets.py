"""A folder, such as a mounted Secret -> the targets of alerts: a file's name is the target's, its lines apprise URLs.

    # namespaces: team-a, team-b       only Dags of these namespaces may use it; without such a line, all
    mailtos://user:password@mail.example.com?to=on-call@example.com
    slack://token-a/token-b/token-c

A file is read whenever something is sent, so that a changed Secret counts at once. URLs hold passwords: they are never
logged, and nobody is told more of them than the service's name.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.model.alerts import Target

MOST_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAMESPACES: Final = re.compile(r"#\s*namespaces:(.*)")
_NOBODY: Final = frozenset({""})
"""No namespace has that name: a list that was left empty opens nothing."""


class NoTarget(Exception):
    """There is no such target, or it can't be read; the text says why."""


@dataclass(frozen=True, slots=True, repr=False)
class TargetFile:
    """One target, and where it leads to."""

    target: Target
    urls: tuple[str, ...]


def read_targets(folder: str) -> dict[str, Target]:
    """The targets by name; none where there is no folder. What can't be read is left out."""
    found = {}
    names = sorted(os.listdir(folder)) if folder and os.path.isdir(folder) else []
    for name in names:
        try:
            found[name] = read_target(folder, name).target
        except NoTarget:
            continue
    return found


def read_target(folder: str, name: str) -> TargetFile:
    """The target of this name; NoTarget where there is none."""
    path = Path(folder) / name
    if not folder or not _NAME.fullmatch(name) or not path.is_file():
        raise NoTarget(f"there is no target {name}")
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoTarget(f"the file of target {name} can't be read: {type(error).__name__}") from error
    if len(text) > MOST_BYTES:
        raise NoTarget(f"the file of target {name} is larger than {MOST_BYTES // 1024} KiB")
    lines = [line.strip() for line in text.splitlines()]
    urls = tuple(line for line in lines if line and not line.startswith("#"))
    return TargetFile(Target(name, _namespaces(lines)), urls)


def _namespaces(lines: list[str]) -> frozenset[str]:
    """Whose Dags may use the target; empty = all."""
    told = [match.group(1) for line in lines if (match := _NAMESPACES.fullmatch(line))]
    if not told:
        return frozenset()
    return frozenset(filter(None, re.split(r"[,\s]+", " ".join(told)))) or _NOBODY
