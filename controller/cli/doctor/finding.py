"""One answer of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in a sentence, and what to do about it."""

    level: Level
    check: str
    message: str
    fix: str = ""

    def record(self) -> dict[str, str]:
        """As JSON has it."""
        return {"level": self.level.value, "check": self.check, "message": self.message, "fix": self.fix}


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, check, message)


def warn(check: str, message: str, fix: str) -> Finding:
    """Something may go wrong, or costs more than it should."""
    return Finding(Level.WARN, check, message, fix)


def fail(check: str, message: str, fix: str) -> Finding:
    """Something does not work."""
    return Finding(Level.FAIL, check, message, fix)


def skipped(check: str, message: str, fix: str = "") -> Finding:
    """It could not be looked at, or there is nothing to look at."""
    return Finding(Level.SKIPPED, check, message, fix)
