"""Live objects and the database -> where the two differ.

Missing   the object has no row
Behind    the row shows an older version of the object
State     the row and the object end differently, or only one of them has ended
Buried    the row says that the object is gone
Gone      the row takes the object for alive, and it is gone
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.projection import KINDS, Observed, Target, rows_of
from controller.metastore.row import Row
from controller.metastore.statements import SHAPES
from controller.model.backfill import BACKFILL_FINAL
from controller.model.metadata import Meta
from controller.model.states import RUN_FINAL, TASK_FINAL

_KIND_OF: Final[Mapping[Target, str]] = {
    Target.DAGS: "Dag",
    Target.POOLS: "Pool",
    Target.BACKFILLS: "Backfill",
    Target.RUNS: "DagRun",
    Target.TASKS: "TaskRun",
    Target.APPROVALS: "Approval",
}
_FINAL: Final = frozenset(state.value for state in (*RUN_FINAL, *TASK_FINAL, *BACKFILL_FINAL)) | {"Answered", "Closed"}
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One object that the two do not agree about."""

    kind: str
    namespace: str
    name: str
    what: str
    """Missing, Behind, State, Buried or Gone."""
    resource: str
    """What the resource says; empty where it is gone."""
    row: str
    """What the row says; empty where there is none."""


def differences(session: Session, observed: Iterable[Observed], namespaces: Sequence[str] = ()) -> list[Difference]:
    """Every difference, sorted; of these namespaces, or of all where none is named."""
    shown: dict[Target, dict[str, tuple[Meta, Row]]] = {target: {} for target in _KIND_OF}
    for each in observed:
        for target, row in rows_of(each):
            if _KIND_OF.get(target) == KINDS[type(each)].value:
                shown[target][each.meta.uid] = (each.meta, row)
    return sorted(
        found
        for target in _KIND_OF
        for found in _of_table(session, target, shown[target])
        if not namespaces or found.namespace in namespaces
    )


def _of_table(session: Session, target: Target, shown: Mapping[str, tuple[Meta, Row]]) -> Iterator[Difference]:
    rows = SHAPES[target].table
    columns = [rows.c[name] for name in ("uid", "namespace", "name", "resource_version", "deleted_at")]
    query = select(*columns, *([rows.c.state] if "state" in rows.c else []))
    known: dict[str, Any] = {}
    for found in session.execute(query.where(rows.c.deleted_at.is_(None), rows.c.uid.is_not(None))):
        known[found.uid] = found
        if found.uid not in shown:
            state = getattr(found, "state", "alive")
            yield Difference(_KIND_OF[target], found.namespace, found.name or "", "Gone", "", state)
    uids = sorted(shown.keys() - known.keys())
    for start in range(0, len(uids), _AT_ONCE):
        some = session.execute(query.where(rows.c.uid.in_(uids[start : start + _AT_ONCE])))
        known.update((each.uid, each) for each in some)
    for uid, (meta, row) in shown.items():
        yield from _of_object(_KIND_OF[target], meta, row, known.get(uid))


def _of_object(kind: str, meta: Meta, shown: Row, known: Any) -> Iterator[Difference]:
    state = str(shown.get("state", "alive"))
    if known is None:
        yield Difference(kind, meta.namespace, meta.name, "Missing", state, "")
        return
    if known.deleted_at is not None:
        yield Difference(kind, meta.namespace, meta.name, "Buried", state, "deleted")
    told = str(getattr(known, "state", "alive"))
    # Before the end a task's row may be ahead: it shows what the Pod tells.
    if told != state and (told in _FINAL or state in _FINAL):
        yield Difference(kind, meta.namespace, meta.name, "State", state, told)
    elif known.resource_version < meta.resource_version:
        versions = (f"version {meta.resource_version}", f"version {known.resource_version}")
        yield Difference(kind, meta.namespace, meta.name, "Behind", *versions)
