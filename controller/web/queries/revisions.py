"""Revisions of a Dag: their list, and one with its spec."""

import json
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.tables import DagRevisionRow, DagRow
from controller.web.answer import Answer, Page, Time
from controller.web.paging import Keyset, PageQuery, paged
from controller.web.queries.filters import columns

_ORDER: Final = Keyset((DagRevisionRow.created_at, DagRevisionRow.name), newest_first=True)  # type: ignore[arg-type]


class RevisionLine(Answer):
    """One revision of a list."""

    namespace: str
    """Where it lives."""
    dag: str
    """Its Dag."""
    name: str
    """The ControllerRevision's name, which ends in a hash of the spec."""
    created_at: Time
    """When the Dag was first seen so."""


class RevisionDetail(RevisionLine):
    """One revision with its source."""

    spec: dict[str, Any]
    """The Dag's spec as it was written, without `paused`."""


def list_revisions(session: Session, namespace: str, dag: str, asked: PageQuery) -> Page[RevisionLine]:
    """A page of the Dag's revisions, newest first."""
    query = select(*columns(DagRevisionRow, RevisionLine)).where(
        DagRevisionRow.namespace == namespace, DagRevisionRow.dag == dag
    )
    return paged(session.execute(_ORDER.page(query, asked)).all(), asked, ("created_at", "name"), RevisionLine)


def revision_spec(session: Session, namespace: str, dag: str, name: str) -> str | None:
    """The spec of a Dag's revision as JSON text; None when there is none of that name."""
    query = select(DagRevisionRow.spec).where(
        DagRevisionRow.namespace == namespace, DagRevisionRow.name == name, DagRevisionRow.dag == dag
    )
    return session.execute(query).scalar_one_or_none()


def one_revision(session: Session, namespace: str, dag: str, name: str) -> RevisionDetail | None:
    """The revision; None when the Dag has none of that name."""
    query = select(*columns(DagRevisionRow, RevisionDetail)).where(
        DagRevisionRow.namespace == namespace, DagRevisionRow.name == name, DagRevisionRow.dag == dag
    )
    row = session.execute(query).one_or_none()
    return RevisionDetail.of(row, spec=json.loads(row.spec)) if row is not None else None


def current_revision(session: Session, namespace: str, dag: str) -> str | None:
    """The name of the revision that new runs of the Dag are pinned to; None when there is none."""
    query = select(DagRow.revision).where(DagRow.namespace == namespace, DagRow.name == dag)
    return session.execute(query).scalar_one_or_none()
