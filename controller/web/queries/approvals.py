"""Questions that tasks ask people, and the answers."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from controller.metastore.approvals import ApprovalRow
from controller.metastore.tables import NOT_MAPPED, TaskRunRow
from controller.model.approval import ApprovalState
from controller.web.answer import Answer, AnyRow, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.filters import columns, within

_ORDER: Final = Keyset((ApprovalRow.created_at, ApprovalRow.uid), newest_first=True)  # type: ignore[arg-type]
_PENDING: Final = (
    ApprovalRow.state == ApprovalState.OPEN.value,
    ApprovalRow.answer.is_(None),
    ApprovalRow.deleted_at.is_(None),
)


class ApprovalLine(Answer):
    """One question, which whoever may `patch approvals` in its namespace may answer."""

    uid: str
    """The object's uid."""
    namespace: str
    """Where it lives."""
    name: str
    """The Approval's name."""
    dag: str
    """The Dag whose task asks."""
    run: str
    """The run that waits."""
    task: str
    """The task that asks."""
    index: int | None
    """The place in a mapped task; absent for a task that is not mapped."""
    attempt: int
    """The number of the attempt that asks."""
    state: str
    """Open, Answered, or Closed: the task ended without an answer."""
    pending: bool
    """Whether it can be answered now."""
    question: str
    """What is asked."""
    options: list[str]
    """The answers to choose from."""
    default_answer: str | None
    """The answer that counts when time is up; absent = the task fails then."""
    expires_at: Time | None
    """When time is up; absent = never."""
    created_at: Time
    """Since when it is asked."""
    answer: str | None
    """The answer."""
    answered_by: str | None
    """Who answered, as they said themselves."""
    comment: str | None
    """What they said about it."""
    finished_at: Time | None
    """When the task took the answer, or ended without one."""
    message: str | None
    """What became of the task by it, in a sentence."""
    deleted_at: Time | None
    """When the object was seen to be gone."""
    resource_version: int
    """The object's version that this shows."""


class ApprovalQuery(PageQuery):
    """Which questions are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    dag: str | None = Field(default=None, max_length=253)
    """Only of Dags of this name."""
    run: str | None = Field(default=None, max_length=253)
    """Only of runs of this name."""
    pending: bool | None = None
    """Only those that can be answered now, or only the others."""


_MADE: Final = ("index", "pending")


def list_approvals(session: Session, namespaces: Sequence[str] | None, asked: ApprovalQuery) -> Page[ApprovalLine]:
    """A page of questions, the newest first."""
    query = select(*columns(ApprovalRow, ApprovalLine, _MADE), ApprovalRow.task_run_uid)
    if namespaces is not None and len(namespaces) == 1:
        query = query.where(ApprovalRow.namespace == namespaces[0])
    else:
        query = query.where(*within(ApprovalRow.namespace, namespaces))
    if asked.dag is not None:
        query = query.where(ApprovalRow.dag == asked.dag)
    if asked.run is not None:
        query = query.where(ApprovalRow.run == asked.run)
    if asked.pending is not None:
        state, answer, gone = _PENDING
        query = query.where(*_PENDING) if asked.pending else query.where(~(state & answer & gone))
    rows = session.execute(_ORDER.page(query, asked)).all()
    places = _places(session, rows)
    return paged_by(rows, asked, ("created_at", "uid"), lambda row: _line(row, places))


def one_approval(session: Session, namespace: str, name: str) -> ApprovalLine | None:
    """The question of this name, of several the youngest; None when there never was one."""
    query = select(*columns(ApprovalRow, ApprovalLine, _MADE), ApprovalRow.task_run_uid).where(
        ApprovalRow.namespace == namespace, ApprovalRow.name == name
    )
    query = query.order_by(ApprovalRow.created_at.desc(), ApprovalRow.uid.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return _line(row, _places(session, [row])) if row is not None else None


def pending_count(session: Session, namespaces: Sequence[str] | None) -> int:
    """How many questions can be answered now."""
    query = select(func.count()).select_from(ApprovalRow).where(*_PENDING, *within(ApprovalRow.namespace, namespaces))
    return session.execute(query).scalar_one()


def _places(session: Session, rows: Sequence[AnyRow]) -> dict[str, int]:
    uids = [row.task_run_uid for row in rows if row.task_run_uid is not None]
    query = select(TaskRunRow.uid, TaskRunRow.map_index).where(TaskRunRow.uid.in_(uids))
    return {uid: index for uid, index in session.execute(query) if uid is not None} if uids else {}


def _line(row: AnyRow, places: dict[str, int]) -> ApprovalLine:
    place = places.get(row.task_run_uid, NOT_MAPPED)
    pending = row.state == ApprovalState.OPEN.value and row.answer is None and row.deleted_at is None
    return ApprovalLine.of(row, index=None if place == NOT_MAPPED else place, pending=pending)
