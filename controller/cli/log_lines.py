"""Lines of logs -> standard output, those that are asked for, each with its task where there are several."""

import re
from dataclasses import dataclass

from controller.model.metadata import Key


@dataclass(frozen=True, slots=True)
class AttemptPod:
    """The Pod of one attempt."""

    instance: str
    """The task, or load[3] of a mapped one."""
    task: str
    index: int | None
    attempt: int
    key: Key


class Printer:
    """Prints lines of several Pods, each whole."""

    def __init__(self, pattern: re.Pattern[str] | None, *, is_prefixed: bool) -> None:
        self._pattern = pattern
        self._is_prefixed = is_prefixed

    def print(self, pod: AttemptPod, line: str, stamp: str = "") -> None:
        """Print the line, unless the pattern is not in it; a second attempt is told beside the task."""
        if self._pattern is not None and self._pattern.search(line) is None:
            return
        again = f" (try {pod.attempt})" if pod.attempt > 1 else ""
        print(f"{f'{pod.instance}{again} | ' if self._is_prefixed else ''}{stamp}{line}", flush=True)
