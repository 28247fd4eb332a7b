"""How many streams each user has open -> another one, or a refusal: many tabs of one must not starve the others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from controller.web.problems import TooMuch


class Streams:
    """Counts the open streams of each user."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def check(self, user: str) -> None:
        """TooMuch when the user has as many as there may be."""
        if self._open[user] >= self._most:
            raise TooMuch(f"You have {self._most} streams open: close one", way_on="Poll with If-None-Match instead")

    @property
    def count(self) -> int:
        """How many are open in all."""
        return self._open.total()

    @contextmanager
    def opened(self, user: str) -> Iterator[None]:
        """Count one more while it lasts."""
        self._open[user] += 1
        try:
            yield
        finally:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]
