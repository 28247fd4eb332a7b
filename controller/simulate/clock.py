"""Virtual time: it stands still until it is moved."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When virtual time begins, unless told."""


@dataclass
class VirtualClock:
    """A clock to call; it never goes back."""

    now: datetime = EPOCH

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def move_to(self, at: datetime) -> None:
        """Let it be then; an instant that has passed changes nothing."""
        self.now = max(self.now, at)
