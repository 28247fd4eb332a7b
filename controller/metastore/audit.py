"""The table of what people asked for, and an object -> its rows. Pure.

a run made by hand           trigger              its creation; who, by admission, else by `model/asked.py`
a backfill                   backfill             likewise
status.requests of a run     clear, mark          when it was carried out; who, by the request
an Approval                  answer               when the task took the answer; who, by the answer
annotations                  cancel, pause, resume, approve, note, slots, delete
a cancel without one         cancel               the end of what was cancelled; nobody is named
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from controller.metastore.row import Row
from controller.metastore.tables import Base
from controller.model.approval import Approval
from controller.model.asked import when_and_who
from controller.model.backfill import Backfill
from controller.model.dag import Dag
from controller.model.dagrun import DagRun, RunType
from controller.model.metadata import Meta
from controller.model.pool import Pool

_MADE = frozenset({"trigger", "backfill"})
"""Actions whose time is the object's creation."""


class AuditRow(Base):
    """Something that a person asked for. Written once: it happened."""

    __tablename__ = "audit"

    uid: Mapped[str] = mapped_column(primary_key=True)
    """Of the object that was asked."""
    action: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    """Tells two of the same action apart: a request's id, or the time."""
    at: Mapped[datetime]
    namespace: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    dag: Mapped[str | None]
    run: Mapped[str | None]
    asked_by: Mapped[str | None]
    """As they said themselves; None = nobody said."""
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    change: Mapped[int]

    __table_args__ = (
        Index(None, "at", "uid", "action", "id"),
        Index(None, "namespace", "at"),
        Index(None, "namespace", "dag", "at"),
        Index(None, "namespace", "run", "at"),
        Index(None, "asked_by", "at"),
        Index(None, "action", "at"),
    )


def audit_rows(observed: Dag | DagRun | Backfill | Pool | Approval) -> Iterator[Row]:
    """A row for everything that the object tells was asked of it."""
    match observed:
        case Dag():
            yield from _annotated(observed.meta, "Dag", {"dag": observed.meta.name})
        case Pool():
            yield from _annotated(observed.meta, "Pool", {}, {"slots": observed.spec.slots})
        case DagRun():
            yield from _of_run(observed)
        case Backfill():
            yield from _of_backfill(observed)
        case Approval():
            yield from _of_approval(observed)


def _of_run(run: DagRun) -> Iterator[Row]:
    about = {"dag": run.spec.dag_ref.name, "run": run.meta.name}
    if run.spec.run_type is RunType.MANUAL:
        details = {"note": run.spec.note} if run.spec.note is not None else {}
        who = run.meta.authorship.created_by or _maker(run.meta, "trigger")
        yield _row(run.meta, "DagRun", "trigger", run.meta.created_at, about, who, details)
    for handled in run.status.requests:
        if not handled.dry_run:
            told = {"tasks": list(handled.tasks), "touched": handled.count, "refused": handled.refused}
            row = _row(run.meta, "DagRun", handled.action, handled.at, about, handled.by, told)
            yield {**row, "id": handled.id, "details": {**told, "message": handled.message}}
    yield from _annotated(run.meta, "DagRun", about, _mode(run))
    if run.spec.cancel is not None and run.status.finished_at is not None and "cancel" not in run.meta.asked:
        yield _row(run.meta, "DagRun", "cancel", run.status.finished_at, about, None, _mode(run))


def _of_backfill(backfill: Backfill) -> Iterator[Row]:
    meta, spec = backfill.meta, backfill.spec
    about = {"dag": spec.dag_ref.name}
    told = spec.model_dump(mode="json", by_alias=True, include={"from_", "to", "reprocess", "gaps", "note"})
    yield _row(meta, "Backfill", "backfill", meta.created_at, about, _maker(meta, "backfill"), told)
    yield from _annotated(meta, "Backfill", about, _mode(backfill))


def _of_approval(approval: Approval) -> Iterator[Row]:
    spec, status, meta = approval.spec, approval.status, approval.meta
    if approval.answer is not None and status.finished_at is not None:
        told = {"task": spec.task, "answer": spec.answer, "comment": spec.comment}
        about = {"dag": spec.dag_ref.name, "run": spec.dag_run_ref.name}
        yield _row(meta, "Approval", "answer", status.finished_at, about, spec.by, told)


def _mode(observed: DagRun | Backfill) -> dict[str, Any]:
    return {"mode": observed.spec.cancel.value} if observed.spec.cancel is not None else {}


def _annotated(meta: Meta, kind: str, about: dict[str, str], details: dict[str, Any] | None = None) -> Iterator[Row]:
    for action, value in sorted(meta.asked.items()):
        found = when_and_who(value)
        if found is not None and action not in _MADE:
            at, who = found
            yield _row(meta, kind, action, at, about, who, details or {})


def _maker(meta: Meta, action: str) -> str | None:
    found = when_and_who(meta.asked.get(action, ""))
    return found[1] if found is not None else None


def _row(  # noqa: PLR0913 a row has so many columns that differ
    meta: Meta, kind: str, action: str, at: datetime, about: dict[str, str], who: str | None, details: dict[str, Any]
) -> Row:
    return {
        "uid": meta.uid,
        "action": action,
        "id": "" if action in _MADE else at.isoformat(),
        "at": at,
        "namespace": meta.namespace,
        "kind": kind,
        "name": meta.name,
        "dag": about.get("dag"),
        "run": about.get("run"),
        "asked_by": who or None,
        "details": details,
    }
