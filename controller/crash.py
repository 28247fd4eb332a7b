"""The setting `crash_at` -> a hook that ends the process around one write, for fault tests."""

import os
from collections.abc import Callable

from controller.kube import WriteHook


def crash_hook(crash_at: str) -> WriteHook | None:
    """For fault tests: ends the process at once before or after its N-th write, as `before:N` or `after:N` says."""
    if not crash_at:
        return None
    side, _, number = crash_at.partition(":")
    writes: dict[str, int] = {}
    die: Callable[[int], None] = os._exit

    def around_write(when: str) -> None:
        writes[when] = writes.get(when, 0) + 1
        if when == side and writes[when] == int(number):
            die(137)

    return around_write
