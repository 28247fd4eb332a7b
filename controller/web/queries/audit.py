"""What people asked for, the newest first."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement, and_, or_, select
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
    """trigger, clear, mark, cancel, pause, resume, note, slots, backfill, approve, answer
    or delete."""
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


Seen = Mapping[str, tuple[str, ...] | None]
"""Where what was asked of objects of each kind may be seen; None = everywhere."""


def list_audit(session: Session, seen: Seen, asked: AuditQuery) -> Page[AuditLine]:
    """A page of what was asked for."""
    query = select(*columns(AuditRow, AuditLine)).where(*_seen(seen))
    for column, wanted in ((AuditRow.dag, asked.dag), (AuditRow.run, asked.run), (AuditRow.asked_by, asked.user)):
        if wanted is not None:
            query = query.where(column == wanted)
    if asked.action:
        one = len(asked.action) == 1
        query = query.where(AuditRow.action == asked.action[0] if one else AuditRow.action.in_(asked.action))
    return paged(session.execute(_ORDER.page(query, asked)).all(), asked, _KEY, AuditLine)


def _seen(seen: Seen) -> list[ColumnElement[bool]]:
    """The rows that may be seen; where that is the same for every kind, an index finds them."""
    places = set(seen.values())
    if len(places) == 1:
        return _there(places.pop())
    return [or_(*(and_(AuditRow.kind == kind, *_there(where)) for kind, where in seen.items()))]


def _there(namespaces: Sequence[str] | None) -> list[ColumnElement[bool]]:
    if namespaces is not None and len(namespaces) == 1:
        return [AuditRow.namespace == namespaces[0]]
    return [*within(AuditRow.namespace, namespaces)]
