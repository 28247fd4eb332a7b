"""What a user says about attempts that fail: which are tried again, and with how much memory."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict, StringConstraints

from controller.model.schema import Duration, Int, Quantity, Written

ExitCode = Annotated[Int, Field(ge=0, le=255)]


class RetryAction(StrEnum):
    """What a rule does with a failed attempt."""

    RETRY = "retry"
    FAIL = "fail"
    SKIP = "skip"


class RetryRule(Written):
    """What becomes of a failed attempt: it must have one of the exit codes and one of the reasons that are given."""

    exit_codes: Annotated[tuple[ExitCode, ...], Field(max_length=256)] = ()
    """Exit codes of container `main`. Default: whichever, or none."""
    reasons: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", max_length=128)], ...],
        Field(max_length=100),
    ] = ()
    """Reasons as the account of attempts names them, such as OOMKilled, Timeout or Evicted. Default: whichever."""
    action: RetryAction
    """`retry`: as the budget of the fault allows. `fail`: the task fails at once. `skip`: the task is skipped."""
    delay: Duration | None = None
    """With `retry`, the wait before the next attempt, without back-off. Default: as the fault has it."""


class OnOOM(Written):
    """More memory for the attempts after one that was OOMKilled."""

    memory_factor: Annotated[float, Strict(), Field(ge=1.01, le=100)]
    """What the memory limit is multiplied by, each time anew; the request goes with it if there is one."""
    max: Quantity
    """The most that it may become, such as 8Gi."""
