"""The Approval resource: a question that a task asks, and the answer that somebody gives.

The controller writes the question; people patch `spec.answer`, `spec.by` and `spec.comment`. So the right to patch
`approvals` is the right to answer.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from controller.model.metadata import Meta
from controller.model.schema import Int, Label, Recorded, Reference, Text, Timestamp, Written

Option = Annotated[str, StringConstraints(min_length=1, max_length=63)]


class ApprovalSpec(Written):
    """The question, which stays as it is, and the answer, which is given once."""

    dag_ref: Reference
    """The Dag of the run."""
    dag_run_ref: Reference
    """The run that waits."""
    task_run_ref: Reference
    """The TaskRun that waits."""
    task: Label
    """The task's name."""
    attempt: Annotated[Int, Field(alias="try", ge=1)]
    """The number of the attempt that asks."""
    message: Annotated[str, StringConstraints(max_length=4096)]
    """What is asked."""
    options: Annotated[tuple[Option, ...], Field(min_length=1, max_length=20)]
    """The answers to choose from."""
    default: Option | None = None
    """The answer that counts when time is up. Absent = the task fails then."""
    expires_at: Timestamp | None = None
    """When time is up; absent = never."""
    answer: Option | None = None
    """The answer, one of the options. Given once, it stays."""
    by: Annotated[str, StringConstraints(max_length=253)] | None = None
    """Who answered, in their own words: the API server's audit log knows it for sure."""
    comment: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """Anything that is to be said about the answer."""


class ApprovalState(StrEnum):
    """Where one question stands."""

    OPEN = "Open"
    ANSWERED = "Answered"
    CLOSED = "Closed"


class ApprovalStatus(Recorded):
    """What became of the question."""

    state: ApprovalState = ApprovalState.OPEN
    """Open; Answered; or Closed: the task has ended without an answer, so one would change nothing any more."""
    finished_at: Timestamp | None = None
    """When the task took the answer, or ended without one."""
    message: Text | None = None
    """What became of the task by it, in one sentence."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One Approval object."""

    meta: Meta
    spec: ApprovalSpec
    status: ApprovalStatus

    @property
    def answer(self) -> str | None:
        """The answer, if it is one of the options."""
        return self.spec.answer if self.spec.answer in self.spec.options else None


def parse_approval(meta: Meta, raw: dict[str, Any]) -> Approval:
    """The object's spec and status; pydantic's ValidationError when the API server let a fault through."""
    status = ApprovalStatus.model_validate(raw.get("status") or {})
    return Approval(meta, ApprovalSpec.model_validate(raw["spec"]), status)
