"""The table of approvals, and an Approval -> its row. Pure."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, case
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.row import Row, mirrored, named
from controller.metastore.tables import Base, Mirrored, table
from controller.model.approval import Approval, ApprovalState


class ApprovalRow(Mirrored, Base):
    """A question that a task asks, and the answer. It stays when the task is gone."""

    __tablename__ = "approvals"

    uid: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str]
    name: Mapped[str]
    dag: Mapped[str]
    run: Mapped[str]
    task: Mapped[str]
    task_run: Mapped[str]
    task_run_uid: Mapped[str | None]
    attempt: Mapped[int]
    state: Mapped[str]
    """Open, Answered or Closed."""
    question: Mapped[str]
    options: Mapped[list[Any]]
    default_answer: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    comment: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    message: Mapped[str | None]
    """What became of the task by it."""

    __table_args__ = (
        Index(None, "created_at", "uid"),
        Index(None, "namespace", "created_at", "uid"),
        Index(None, "state", "created_at", "uid"),
        Index(None, "namespace", "name"),
        Index(None, "change"),
        Index(None, "task_run_uid"),
    )


def approval_row(approval: Approval) -> Row:
    """The question's row."""
    spec, status = approval.spec, approval.status
    return {
        **named(approval.meta),
        **mirrored(approval.meta),
        "uid": approval.meta.uid,
        "dag": spec.dag_ref.name,
        "run": spec.dag_run_ref.name,
        "task": spec.task,
        "task_run": spec.task_run_ref.name,
        "task_run_uid": approval.meta.owner_uid,
        "attempt": spec.attempt,
        "state": status.state.value,
        "question": spec.message,
        "options": list(spec.options),
        "default_answer": spec.default,
        "expires_at": spec.expires_at,
        "answer": spec.answer,
        "answered_by": spec.by,
        "comment": spec.comment,
        "finished_at": status.finished_at,
        "message": status.message,
    }


def closed_by_deletion(deleted_at: Any) -> dict[str, Any]:
    """The columns of a question whose object is gone: nobody can answer it any more."""
    old = table(ApprovalRow).c
    is_open = old.state == ApprovalState.OPEN.value
    return {
        "deleted_at": deleted_at,
        "state": case((is_open, ApprovalState.CLOSED.value), else_=old.state),
        "finished_at": case((is_open, deleted_at), else_=old.finished_at),
    }
