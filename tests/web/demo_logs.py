"""The name of a Pod -> a log for it: colours, levels, JSON lines, long lines, markup, and one that is very long."""

import json
from typing import Final

from tests.web.demo_hostile import hostile_log

_LEVELS: Final = ("DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR")
_COLOURS: Final = {"DEBUG": "90", "INFO": "32", "WARNING": "33", "ERROR": "1;31"}
_LINES: Final = 400
_MANY: Final = 60_000


class MadeLogs(dict[str, list[bytes]]):
    """A log for every Pod; it is made when somebody reads it, and always the same."""

    def __contains__(self, pod: object) -> bool:
        return True

    def __missing__(self, pod: str) -> list[bytes]:
        hostile = hostile_log(pod)
        if hostile is not None:
            return hostile
        lines = _MANY if "extract" in pod else _LINES
        return [
            "".join(f"{line(pod, number)}\n" for number in range(first, first + 200)).encode()
            for first in range(0, lines, 200)
        ]


def line(pod: str, number: int) -> str:
    """One line of a Pod's log."""
    time = f"2026-11-23T06:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}Z"
    level = _LEVELS[number % len(_LEVELS)]
    match number % 10:
        case 3:
            return json.dumps(
                {"time": time, "level": level.lower(), "msg": "rows written", "rows": number * 17, "pod": pod}
            )
        case 6:
            return f"{time} {level} <b>markup</b> & <script>alert(1)</script> stay text"
        case 8:
            return f"{time} {level} a long line " + "0123456789 " * 60
        case 9:
            return 'Traceback (most recent call last):\n  File "load.py", line 12, in main\nValueError: no such day'
        case _:
            return f"{time} \x1b[{_COLOURS[level]}m{level:8}\x1b[0m part {number} of {pod}"
