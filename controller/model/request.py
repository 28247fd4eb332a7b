"""What a person may ask of a run under `spec.request`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from controller.model.schema import Bool, Written


class MarkedState(StrEnum):
    """What a task or a run can be marked as."""

    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


InstanceName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
TaskNames = Annotated[tuple[InstanceName, ...], Field(max_length=10_000)]


class Clear(Written):
    """Lets tasks begin anew, as if they had not run; the account of their attempts is kept."""

    tasks: TaskNames = ()
    """Tasks, groups, or instances such as `load[3]`; none = the whole run."""
    upstream: Bool = False
    """Also everything before them. Default false."""
    downstream: Bool = False
    """Also everything behind them. Default false."""
    only_failed: Bool = False
    """Of all these only what is Failed or UpstreamFailed. Default false."""


class Mark(Written):
    """Gives tasks an end state by hand; what runs is ended. Tasks behind them that failed for it are cleared."""

    state: MarkedState
    """success, failed or skipped. A run as a whole can't be skipped."""
    tasks: TaskNames = ()
    """Tasks, groups, or instances such as `load[3]`; none = the whole run."""
    upstream: Bool = False
    """Also everything before them. Default false."""
    downstream: Bool = False
    """Also everything behind them. Default false."""


class Request(Written):
    """Something a person wants done to the run. Another id is another request; exactly one of clear and mark."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    """Any text that no earlier request of the run had."""
    by: Annotated[str, StringConstraints(max_length=253)] | None = None
    """Who asks, as they say themselves."""
    dry_run: Bool = False
    """Only list in the status what would be touched. Default false."""
    clear: Clear | None = None
    """Let tasks begin anew."""
    mark: Mark | None = None
    """Give tasks an end state."""
