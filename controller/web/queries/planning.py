"""What a backfill's plan depends on: the Dag as new runs take it, its runs in a range, and its unfinished backfills."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.tables import BackfillRow, DagRow, DagRunRow
from controller.model.backfill import BACKFILL_FINAL, Backfill, BackfillState, parse_backfill
from controller.model.dag import Dag, DagStatus, Revision, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key, Meta, parse_meta
from controller.model.timestamps import format_time
from controller.web.answer import AnyRow
from controller.web.queries.revisions import revision_spec

_FINAL: Final = sorted(state.value for state in BACKFILL_FINAL)


@dataclass(frozen=True, slots=True)
class Past:
    """What there is of a Dag in a stretch of time."""

    dag: Dag
    revision: Revision
    runs: Mapping[Key, DagRun]
    dates: Sequence[tuple[datetime, datetime, Key]]
    """The runs' logical dates, rising, with their ages and keys."""
    others: tuple[Backfill, ...]
    """The Dag's backfills that have not ended."""


def past_of(session: Session, namespace: str, name: str, first: datetime) -> Past | None:
    """The Dag and its runs from `first` on; None when there is no such Dag, or its spec was never seen valid."""
    query = select(DagRow.uid, DagRow.name, DagRow.namespace, DagRow.revision, DagRow.created_at, DagRow.paused)
    row = session.execute(
        query.where(DagRow.namespace == namespace, DagRow.name == name, DagRow.deleted_at.is_(None))
    ).one_or_none()
    spec = revision_spec(session, namespace, name, row.revision) if row is not None and row.revision else None
    if row is None or spec is None:
        return None
    meta = _meta(row)
    revision = parse_revision(parse_meta({**_raw(row), "name": row.revision}), {"data": json.loads(spec)})
    runs = [_run(each) for each in session.execute(_runs(namespace, name, first))]
    dates = sorted((run.spec.logical_date, run.meta.created_at, run.meta.key) for run in runs if run.spec.logical_date)
    others = tuple(_backfill(each) for each in session.execute(_unfinished(namespace, name)))
    dag = Dag(meta, revision.spec_json, row.paused, DagStatus())
    return Past(dag, revision, {run.meta.key: run for run in runs}, dates, others)


def _runs(namespace: str, dag: str, first: datetime) -> Any:
    """Those that are there, not their history alone; they are ordered by their logical dates."""
    kept = (DagRunRow.uid, DagRunRow.namespace, DagRunRow.name, DagRunRow.dag, DagRunRow.created_at, DagRunRow.state)
    return select(*kept, DagRunRow.logical_date).where(
        DagRunRow.namespace == namespace,
        DagRunRow.dag == dag,
        DagRunRow.ordered_at >= first,
        DagRunRow.deleted_at.is_(None),
    )


def _unfinished(namespace: str, dag: str) -> Any:
    return (
        select(BackfillRow)
        .with_only_columns(*BackfillRow.__table__.columns)
        .where(
            BackfillRow.namespace == namespace,
            BackfillRow.dag == dag,
            BackfillRow.state.not_in(_FINAL),
            BackfillRow.deleted_at.is_(None),
        )
    )


def _run(row: AnyRow) -> DagRun:
    spec: dict[str, Any] = {"dagRef": {"name": row.dag}}
    if row.logical_date is not None:
        spec["logicalDate"] = row.logical_date
    return parse_dag_run(_meta(row), {"spec": spec, "status": {"state": row.state}})


def _backfill(row: AnyRow) -> Backfill:
    spec = {"dagRef": {"name": row.dag}, "from": row.from_at, "to": row.to_at}
    return parse_backfill(_meta(row), {"spec": spec, "status": {"state": BackfillState(row.state)}})


def _raw(row: AnyRow) -> dict[str, Any]:
    return {
        "namespace": row.namespace,
        "name": row.name,
        "uid": row.uid,
        "resourceVersion": "1",
        "creationTimestamp": format_time(row.created_at),
    }


def _meta(row: AnyRow) -> Meta:
    return parse_meta(_raw(row))
