"""What a read of the artifact store has brought for a mapping: gathered by act, kept by observe, judged by decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to one read: a list, a fault or a trouble."""

    items: tuple[Any, ...] | None = None
    """The elements of the list; None where there is none."""
    chars: int = 0
    """The characters of the whole text."""
    longest: int = 0
    """The characters of its longest element, as JSON text."""
    fault: str = ""
    """Why the artifact can't be mapped over, whenever it is asked for; in one sentence without a full stop."""
    trouble: str = ""
    """Why nothing came of it this time; in one sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is known of an artifact. Kept in memory alone: after a restart it is read again."""

    reading: Reading
    at: datetime
    """When the last read began."""
    tries: int = 0
    """How many reads in a row have met with trouble."""
