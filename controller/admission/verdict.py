"""What is said of a request: refused in one sentence, or let through, with warnings that kubectl shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one request."""

    refused: str = ""
    """Why not; empty = it may pass."""
    warnings: tuple[str, ...] = ()
    """What its author should know all the same."""


PASSED = Verdict()
