"""The pieces of a log as they come -> its first bytes and its last ones, in a memory that does not grow with it."""

from typing import Final

_HEAD_SHARE: Final = 4
"""One byte in so many is of the beginning."""


class Pieces:
    """Takes pieces in; of those in the middle only their number of bytes is kept."""

    def __init__(self, most_bytes: int) -> None:
        self._head_room = most_bytes // _HEAD_SHARE
        self._tail_room = most_bytes - self._head_room
        self._head = bytearray()
        self._tail = bytearray()
        self._skipped = 0
        self._is_open = False
        self.total = 0
        """All bytes so far."""

    def add(self, piece: bytes) -> None:
        """The next bytes of the log."""
        self.total += len(piece)
        room = 0 if self._is_open else self._head_room - len(self._head)
        self._head += piece[:room]
        self._tail += piece[room:]
        if len(self._tail) > 2 * self._tail_room:
            self._trim()

    def begin_tail(self) -> None:
        """What comes now are the last lines, after a part that nobody has read."""
        self._skipped += len(self._tail)
        self._tail.clear()
        self._is_open = True

    @property
    def held(self) -> int:
        """The bytes in memory."""
        return len(self._head) + len(self._tail)

    @property
    def left_out(self) -> int:
        """The bytes between the first and the last ones, as far as they were read."""
        self._trim()
        return self._skipped

    def content(self, lost: str | None) -> bytes:
        """The log; a line of ours stands where something is missing."""
        head, tail = bytes(self._head), self._tail
        if self.left_out or self._is_open:
            more = " or more" if self._is_open else ""
            head += f"\n[slipway: {self._skipped}{more} bytes are left out here]\n".encode()
        end = f"\n[slipway: the log may go on, but {lost}]\n".encode() if lost is not None else b""
        return head + bytes(tail) + end

    def _trim(self) -> None:
        over = len(self._tail) - self._tail_room
        if over > 0:
            self._skipped += over
            del self._tail[:over]
