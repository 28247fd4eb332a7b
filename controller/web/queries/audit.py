"""What people asked for, the newest first."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.audit import AuditRow
from controller.web.answer import Answer, Page, Time
from controller.web.paging import Keyset, PageQuery, paged
from controller.web.queries.filters import columns, within

_KEY: Final = ("at", "uid", "action", "id")
_ORDER: Final = Keyset(
    (AuditRow.at, AuditRow.uid, AuditRow.action, AuditRow.id),  # type: ignore[arg-type]
    newest_first=True,
)


class AuditLine(Answer):
    """Something that a person asked for."""

    at: Time
    """When."""
    asked_by: str | None
    """Who, as they said themselves; absent = nobody said, as with kubectl: the API server's audit log knows."""
    action: str
    """trigger, clear, mark, cancel, pause, resume, note, slots, backfill, approve or answer."""
    namespace: str
    """Where."""
    kind: str
    """Dag, DagRun, Pool, Backfill or Approval."""
    name: str
    """The object that was asked."""
    dag: str | None
    """The Dag that it is about."""
    run: str | None
    """The run that it is about."""
    details: dict[str, Any]
    """What else is known, such as the tasks that were touched."""
    uid: str
    """The object's uid."""
    id: str
    """Tells two of the same action on the same object apart."""


Action = Annotated[str, StringConstraints(max_length=63)]


class AuditQuery(PageQuery):
    """Which of it is wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only in this namespace."""
    dag: str | None = Field(default=None, max_length=253)
    """Only about Dags of this name."""
    run: str | None = Field(default=None, max_length=253)
    """Only about runs of this name."""
    action: Annotated[list[Action], Field(max_length=20)] = []
    """Only these actions. Repeatable."""
    user: str | None = Field(default=None, max_length=253)
    """Only what this user asked for."""


def list_audit(session: Session, namespaces: Sequence[str] | None, asked: AuditQuery) -> Page[AuditLine]:
    """A page of what was asked for."""
    query = select(*columns(AuditRow, AuditLine))
    if namespaces is not None and len(namespaces) == 1:
        query = query.where(AuditRow.namespace == namespaces[0])
    else:
        query = query.where(*within(AuditRow.namespace, namespaces))
    for column, wanted in ((AuditRow.dag, asked.dag), (AuditRow.run, asked.run), (AuditRow.asked_by, asked.user)):
        if wanted is not None:
            query = query.where(column == wanted)
    if asked.action:
        one = len(asked.action) == 1
        query = query.where(AuditRow.action == asked.action[0] if one else AuditRow.action.in_(asked.action))
    return paged(session.execute(_ORDER.page(query, asked)).all(), asked, _KEY, AuditLine)
