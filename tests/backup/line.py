"""A way to a server of this machine that is worse than the real one: it breaks off, or goes slowly."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_MOST_AT_ONCE: Final = 65_536


@dataclass
class Line:
    """What becomes of all connections together."""

    target: int
    """The server's port."""
    breaks_after: int | None = None
    """All connections end once so many bytes went either way, and new ones too; None = they do not."""
    breaks_once: bool = False
    """Whether new connections are good again."""
    bytes_per_second: float | None = None
    """How fast a connection is; None = as fast as it goes."""
    carried: int = 0
    """Bytes so far, in both directions."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, here: socket.socket, there: socket.socket) -> None:
        """Hand on what comes from here until one side ends, or the line breaks; then end both."""
        try:
            while (data := here.recv(_MOST_AT_ONCE)) and self._holds(len(data)):
                there.sendall(data)
        except OSError:
            pass
        for side in (here, there):
            _end(side)

    def _holds(self, size: int) -> bool:
        if self.bytes_per_second is not None:
            time.sleep(size / self.bytes_per_second)
        with self._lock:
            self.carried += size
            holds = self.breaks_after is None or self.carried <= self.breaks_after
            if not holds and self.breaks_once:
                self.breaks_after = None
            return holds


def _end(side: socket.socket) -> None:
    try:
        side.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@contextmanager
def served(line: Line) -> Iterator[int]:
    """The port at which the line begins."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", line.target)) as there:
                back = threading.Thread(target=line.carry, args=(there, self.request))
                back.start()
                line.carry(self.request, there)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
