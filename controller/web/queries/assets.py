"""Assets that Dags name, with who updates them and who waits for them, and the history of their updates."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import Field
from sqlalchemy import column, func, select, values
from sqlalchemy.orm import Session

from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.columns import PlainText
from controller.metastore.tables import NOT_MAPPED, DagRow
from controller.web.answer import Answer, AnyRow, Page, Time
from controller.web.paging import Keyset, PageQuery, paged_by, read_cursor, write_cursor
from controller.web.problems import Invalid
from controller.web.queries.filters import columns, within

_KEY: Final = ("at", "task_run_uid", "number", "asset")
_ORDER: Final = Keyset(
    (AssetUpdateRow.at, AssetUpdateRow.task_run_uid, AssetUpdateRow.number, AssetUpdateRow.asset),  # type: ignore[arg-type]
    newest_first=True,
)
Place = tuple[str, str]
"""Namespace and asset."""


class AssetEvent(Answer):
    """An asset that an attempt updated by its success."""

    namespace: str
    """Where."""
    asset: str
    """The asset."""
    at: Time
    """When the attempt ended."""
    dag: str
    """The Dag of the task."""
    run: str
    """The run of the task."""
    task: str
    """The task that updated it."""
    index: int | None
    """The place in a mapped task; absent for a task that is not mapped."""
    attempt: int
    """The attempt."""


class Producer(Answer):
    """A Dag whose tasks update an asset."""

    dag: str
    """The Dag."""
    tasks: list[str]
    """Those of its tasks that do."""


class AssetLine(Answer):
    """One asset of a namespace: a name that tasks update and schedules wait for."""

    namespace: str
    """Where: another namespace's asset of the same name is another one."""
    name: str
    """Its name or URI."""
    producers: list[Producer]
    """The Dags that update it."""
    consumers: list[str]
    """The Dags whose schedule waits for it."""
    last_event: AssetEvent | None
    """Its last update; absent = there was none."""


class AssetQuery(PageQuery):
    """Which assets are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    name: str | None = Field(default=None, max_length=256)
    """Only those whose name contains this."""


class AssetEventQuery(PageQuery):
    """Which updates are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    asset: str | None = Field(default=None, max_length=256)
    """Only of this asset."""


def list_assets(session: Session, namespaces: Sequence[str] | None, asked: AssetQuery) -> Page[AssetLine]:
    """A page of the assets that Dags name today, by namespace and name."""
    limit, after = asked.checked_limit(), _cursor(asked)
    found: dict[Place, tuple[list[Producer], list[str]]] = {}
    dags = select(DagRow.namespace, DagRow.name, DagRow.produces, DagRow.consumes).where(
        DagRow.deleted_at.is_(None), *within(DagRow.namespace, namespaces)
    )
    for dag in session.execute(dags.order_by(DagRow.namespace, DagRow.name)):
        for asset, tasks in dag.produces.items():
            producers, _ = found.setdefault((dag.namespace, asset), ([], []))
            producers.append(Producer(dag=dag.name, tasks=tasks))
        for asset in dag.consumes:
            found.setdefault((dag.namespace, asset), ([], []))[1].append(dag.name)
    places = sorted(place for place in found if asked.name is None or asked.name in place[1])
    ahead = [place for place in places if after is None or place > after]
    shown = ahead[:limit]
    events = _last_events(session, shown)
    items = [_line(place, found[place], events.get(place)) for place in shown]
    return Page[AssetLine](items=items, next=write_cursor(shown[-1]) if len(ahead) > limit else None)


def list_asset_events(session: Session, namespaces: Sequence[str] | None, asked: AssetEventQuery) -> Page[AssetEvent]:
    """A page of updates, the newest first."""
    query = select(*_event_columns())
    if namespaces is not None and len(namespaces) == 1:
        query = query.where(AssetUpdateRow.namespace == namespaces[0])
    else:
        query = query.where(*within(AssetUpdateRow.namespace, namespaces))
    if asked.asset is not None:
        query = query.where(AssetUpdateRow.asset == asked.asset)
    return paged_by(session.execute(_ORDER.page(query, asked)).all(), asked, _KEY, _event)


def _last_events(session: Session, places: Iterable[Place]) -> dict[Place, AssetEvent]:
    """The last update of each asset, by one step in the index for each."""
    pairs = list(places)
    if not pairs:
        return {}
    wanted = values(column("namespace", PlainText), column("asset", PlainText), name="wanted").data(pairs).cte("wanted")
    other = AssetUpdateRow.__table__.alias("other")
    newest = select(func.max(other.c.at)).where(
        other.c.namespace == wanted.c.namespace, other.c.asset == wanted.c.asset
    )
    query = select(*_event_columns()).join(
        wanted,
        (AssetUpdateRow.namespace == wanted.c.namespace)
        & (AssetUpdateRow.asset == wanted.c.asset)
        & (AssetUpdateRow.at == newest.correlate(wanted).scalar_subquery()),
    )
    rows = session.execute(query.order_by(AssetUpdateRow.task_run_uid, AssetUpdateRow.number))
    return {(row.namespace, row.asset): _event(row) for row in rows}


def _event_columns() -> list[Any]:
    kept = columns(AssetUpdateRow, AssetEvent, ("index", "attempt"))
    return [*kept, AssetUpdateRow.map_index, AssetUpdateRow.number, AssetUpdateRow.task_run_uid]


def _event(row: AnyRow) -> AssetEvent:
    return AssetEvent.of(row, index=None if row.map_index == NOT_MAPPED else row.map_index, attempt=row.number)


def _line(place: Place, users: tuple[list[Producer], list[str]], last: AssetEvent | None) -> AssetLine:
    producers, consumers = users
    return AssetLine(namespace=place[0], name=place[1], producers=producers, consumers=consumers, last_event=last)


def _cursor(asked: AssetQuery) -> Place | None:
    if asked.cursor is None:
        return None
    match read_cursor(asked.cursor):
        case [str() as namespace, str() as asset]:
            return namespace, asset
        case _:
            raise Invalid("the cursor is not one that a list gave: ask again without it", parameter="cursor")
