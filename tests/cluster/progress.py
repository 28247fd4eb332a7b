"""Work that takes time -> lines on standard error that say what is being done and for how long.

A terminal, a log file and CI all get the same plain lines; nothing is overwritten in place.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 15.0
WORTH_TELLING_SECONDS = 2.0


def say(message: str) -> None:
    """Print one line, at once, whoever reads it."""
    print(message, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """A span of work: silent when quick, announced after two seconds, then alive every fifteen."""
    begun = time.monotonic()
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(title, begun, ended), daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
        if time.monotonic() - begun >= WORTH_TELLING_SECONDS:
            outcome = "failed" if sys.exc_info()[0] else "done"
            say(f"{title}: {outcome}, {_seconds_since(begun)} s")


def _tell(title: str, begun: float, ended: threading.Event) -> None:
    if ended.wait(WORTH_TELLING_SECONDS):
        return
    say(f"{title} ...")
    while not ended.wait(HEARTBEAT_SECONDS):
        say(f"{title} ... {_seconds_since(begun)} s")


def _seconds_since(begun: float) -> int:
    return round(time.monotonic() - begun)
