"""Dags for lists, each with its last runs, and one Dag."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, StringConstraints, TypeAdapter
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from controller.metastore.tables import DagRow, DagRunRow
from controller.model.states import RunState
from controller.web.answer import Answer, Asked, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by
from controller.web.queries.filters import columns, has_item, json_objects, within

MOST_RECENT: Final = 25
_ORDER: Final = Keyset((DagRow.namespace, DagRow.name))  # type: ignore[arg-type]


class RecentRun(Answer):
    """A run as a bar of a few pixels."""

    name: str
    """The DagRun's name."""
    state: str
    """Queued, Running, Success or Failed."""
    run_type: str
    """What made it: manual, scheduled and so on."""
    ordered_at: Time
    """Its logical date, or when it was created if it has none."""
    started_at: Time | None
    """When it began."""
    finished_at: Time | None
    """When it ended."""


_RUNS: Final = TypeAdapter(list[RecentRun])


class DagLine(Answer):
    """One Dag of a list."""

    namespace: str
    """Where it lives."""
    name: str
    """Its name."""
    paused: bool
    """Whether it makes no runs and starts no tasks."""
    ready: bool | None
    """Whether it is valid and can run; absent = not yet judged."""
    reason: str | None
    """Why it is not ready, in a word."""
    message: str | None
    """The same in a sentence."""
    schedule: str | None
    """Its schedule in one line; absent = by hand alone."""
    timezone: str | None
    """The zone that the schedule's local times are in, such as Europe/Zurich; absent = it has none."""
    next_run_at: Time | None
    """When its next run is due."""
    last_run: str | None
    """The run that was created last."""
    last_state: str | None
    """That run's state."""
    active_runs: int
    """Runs that are queued or running."""
    task_count: int | None
    """How many tasks it has."""
    owner: str | None
    """Who to ask."""
    tags: list[str]
    """Words to find it by."""
    description: str | None
    """What it is for."""
    revision: str | None
    """The revision that new runs are pinned to."""
    created_at: Time
    """When it was created."""
    deleted_at: Time | None
    """When it was seen to be gone; its history stays."""
    resource_version: int
    """The object's version that this shows."""
    recent: list[RecentRun]
    """Its last runs, the newest first."""


class DagFilter(Asked):
    """Which Dags are meant."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    name: str | None = Field(default=None, max_length=253)
    """Only those whose name contains this."""
    tag: Annotated[list[Annotated[str, StringConstraints(max_length=63)]], Field(max_length=20)] = []
    """Only those with one of these tags. Repeatable."""
    paused: bool | None = None
    """Only paused ones, or only others."""
    ready: bool | None = None
    """Only ready ones, or only those that are not."""
    state: Annotated[list[RunState], Field(max_length=10)] = []
    """Only those whose last run stands so. Repeatable."""
    owner: str | None = Field(default=None, max_length=253)
    """Only of this owner."""


class DagQuery(DagFilter, PageQuery):
    """Which Dags are wanted."""

    deleted: bool = False
    """Also Dags that are gone."""
    runs: Annotated[int, Field(ge=0, le=MOST_RECENT)] = 10
    """How many of each Dag's last runs to tell. Default 10, at most 25."""


def list_dags(session: Session, namespaces: Sequence[str] | None, asked: DagQuery) -> Page[DagLine]:
    """A page of Dags by namespace and name."""
    query = select(*columns(DagRow, DagLine, without=["recent"])).where(*within(DagRow.namespace, namespaces))
    if asked.name is not None:
        query = query.where(DagRow.name.contains(asked.name, autoescape=True))
    if asked.tag:
        query = query.where(or_(*(has_item(session, DagRow.tags, tag) for tag in asked.tag)))
    if asked.paused is not None:
        query = query.where(DagRow.paused.is_(asked.paused))
    if asked.ready is not None:
        query = query.where(DagRow.ready.is_(True) if asked.ready else DagRow.ready.is_not(True))
    if asked.state:
        query = query.where(DagRow.last_state.in_([state.value for state in asked.state]))
    if asked.owner is not None:
        query = query.where(DagRow.owner == asked.owner)
    if not asked.deleted:
        query = query.where(DagRow.deleted_at.is_(None))
    rows = session.execute(_ORDER.page(query, asked)).all()
    recent = _recent(session, [(row.namespace, row.name) for row in rows], asked.runs)
    return paged_by(
        rows,
        asked,
        ("namespace", "name"),
        lambda row: DagLine.of(row, recent=recent.get((row.namespace, row.name), [])),
    )


def one_dag(session: Session, namespace: str, name: str, runs: int) -> DagLine | None:
    """The Dag; None when there never was one."""
    query = select(*columns(DagRow, DagLine, without=["recent"])).where(DagRow.namespace == namespace)
    row = session.execute(query.where(DagRow.name == name)).one_or_none()
    if row is None:
        return None
    return DagLine.of(row, recent=_recent(session, [(namespace, name)], runs).get((namespace, name), []))


class DagPlace(NamedTuple):
    """Which object stands, or stood, in a Dag's place."""

    uid: str
    deleted_at: datetime | None


def dag_place(session: Session, namespace: str, name: str) -> DagPlace | None:
    """The Dag's object; None when there never was one."""
    query = select(DagRow.uid, DagRow.deleted_at).where(DagRow.namespace == namespace, DagRow.name == name)
    row = session.execute(query).one_or_none()
    return DagPlace(*row) if row is not None else None


def _recent(session: Session, dags: Sequence[tuple[str, str]], count: int) -> dict[tuple[str, str], list[RecentRun]]:
    """The last runs of each Dag, by one step in the index for each Dag and not by a look at all of its runs."""
    if count == 0 or not dags:
        return {}
    wanted = set(dags)
    rows = session.execute(_last_runs(session, dags, count))
    return {
        (namespace, name): _RUNS.validate_json(told)
        for namespace, name, told in rows
        if told is not None and (namespace, name) in wanted
    }


def _last_runs(session: Session, dags: Sequence[tuple[str, str]], count: int) -> Select[Any]:
    """A row for each Dag, its runs as one JSON text: thousands of rows, or of uids to look up, cost twice as much."""
    dag, run = aliased(DagRow), aliased(DagRunRow)
    newest = (
        select(*(getattr(run, name) for name in RecentRun.model_fields))
        .where(run.namespace == dag.namespace, run.dag == dag.name)
        .order_by(run.ordered_at.desc(), run.uid.desc())
        .limit(count)
        .correlate(dag)
        .subquery()
    )
    told = select(json_objects(session, newest.c)).correlate(dag).scalar_subquery()
    return select(dag.namespace, dag.name, told).where(
        dag.namespace.in_({namespace for namespace, _ in dags}), dag.name.in_([name for _, name in dags])
    )
