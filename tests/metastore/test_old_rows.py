"""Old rows go with everything of theirs, within the limits of their Dags, and never while a resource lives."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from controller.errors import Unavailable
from controller.metastore.batches import store_all
from controller.metastore.buffer import Entry
from controller.metastore.engine import open_engine
from controller.metastore.logs import LogArchive
from controller.metastore.projection import Observed
from controller.metastore.queries import open_session, table_counts
from controller.metastore.tables import DagRunRow
from controller.model.archive import PodLog
from controller.model.dag import parse_revision
from controller.model.metadata import Key
from controller.model.retention import Limit, Limits
from controller.row_keeping import Keeping, clean
from tests.metastore import objects as o

NOW = datetime.now(UTC)
DAYS = timedelta(days=1)


def text(days_ago: float) -> str:
    """A time so long ago."""
    return (NOW - days_ago * DAYS).strftime("%Y-%m-%dT%H:%M:%SZ")


def limited(most: int | None = None, days: float | None = None, **more: Any) -> Keeping:
    """The same limit for both states."""
    limit = Limit(most, days * DAYS if days is not None else None)
    return Keeping(Limits(limit, limit), **more)


def run_of(name: str, days_ago: float, state: str = "Success", dag: str = "etl") -> list[Observed]:
    """A run that ended so long ago, with one task and its attempt, whose Pod was seen."""
    ended = {"state": state, "startedAt": text(days_ago), "finishedAt": text(days_ago)}
    attempt = {"number": 1, "pod": f"{name}-a-1", "state": state, "finishedAt": text(days_ago), "updates": ["orders"]}
    pod = o.pod("a", 1, 3, state=o.terminated(0, 1), uid=f"uid-{name}-a-1")
    pod = type(pod)(**{f: getattr(pod, f) for f in pod.__slots__} | {"meta": _owned(pod.meta, name)})
    asked = {"id": "1", "action": "clear", "at": text(days_ago), "count": 1}
    return [
        o.run(2, name, spec={"dagRef": {"name": dag}}, status={**ended, "requests": [asked]}),
        o.task("a", 3, {**ended, "attempt": 1, "attempts": [attempt]}, run=name),
        pod,
    ]


def _owned(meta: Any, run: str) -> Any:
    return type(meta)(**{f: getattr(meta, f) for f in meta.__slots__} | {"owner_uid": f"uid-{run}-a"})


def put(url: str, observed: Iterable[Observed], *, gone: bool = True) -> None:
    """Store the objects, and that they are gone."""
    engine = open_engine(url)
    store_all(engine, [Entry(each, NOW if gone else None) for each in observed], {})
    engine.dispose()


def runs(url: str) -> list[str]:
    """The runs that are left, by name."""
    with open_session(url) as session:
        return sorted(session.execute(select(DagRunRow.name)).scalars())


def counts(url: str) -> dict[str, int]:
    """The tables that are not empty, but for the counter."""
    with open_session(url) as session:
        return {name: count for name, count in table_counts(session).items() if count and name != "change_counter"}


async def test_by_age(url: str) -> None:
    """An old run goes with its tasks, attempts, updates and requests; a younger one keeps all of them."""
    for name, days in (("old", 40.0), ("new", 20.0)):
        put(url, run_of(name, days))
    removed = await clean(url, "metastore", limited(days=30))
    assert runs(url) == ["new"]
    assert removed == {"dag_runs": 1, "task_runs": 1}
    left = counts(url)
    assert {left[name] for name in ("dag_runs", "task_runs", "attempts", "asset_updates", "requests")} == {1}
    assert await clean(url, "metastore", limited(days=30)) == {}


async def test_by_count(url: str) -> None:
    """The newest of each state stay, and those that live count among them."""
    for number in range(4):
        put(url, run_of(f"s{number}", number), gone=number > 0)
        put(url, run_of(f"f{number}", number, "Failed"))
    await clean(url, "metastore", limited(most=2))
    assert runs(url) == ["f0", "f1", "s0", "s1"]


async def test_what_lives_stays(url: str) -> None:
    """No limit removes a row whose resource is there."""
    put(url, run_of("r", 400), gone=False)
    assert await clean(url, "metastore", limited(most=1, days=1)) == {}
    assert runs(url) == ["r"]


async def test_what_the_dag_says(url: str) -> None:
    """A Dag's own limits count, unless a person's word is to count; others keep to the installation's."""
    spec = {"tasks": [], "retention": {"rows": {"succeededFor": "100d"}}}
    revision = parse_revision(o.meta("etl-aaaa", 1, labels={"slipway.dev/dag": "etl"}), {"data": spec})
    put(url, [o.dag(1, status={"revision": "etl-aaaa"}), revision], gone=False)
    put(url, [*run_of("mine", 50), *run_of("other", 50, dag="b")])
    await clean(url, "metastore", limited(days=30))
    assert runs(url) == ["mine"]
    await clean(url, "metastore", limited(days=30, dags_say=False))
    assert runs(url) == []


async def test_only_one_dag(url: str) -> None:
    """By hand, one Dag or namespace can be cleaned alone."""
    put(url, [*run_of("a", 50), *run_of("b", 50, dag="b")])
    await clean(url, "metastore", limited(days=1, namespace="elsewhere"))
    await clean(url, "metastore", limited(days=1, dag="b"))
    assert runs(url) == ["a"]


async def test_counted_only(url: str) -> None:
    """A dry run says what would go, and removes nothing."""
    put(url, [*run_of("a", 50), *run_of("b", 50, dag="b")])
    before = counts(url)
    found = await clean(url, "metastore", limited(days=1, audit=timedelta(0), leftovers=timedelta(0)), dry_run=True)
    assert (found["dag_runs"], found["audit"]) == (2, 4)
    assert counts(url) == before


async def test_what_belongs_to_no_run(url: str) -> None:
    """Dags, pools, old revisions and the audit log go once nothing refers to them; what is young or used stays."""
    put(url, [o.dag(1), o.pool(1)])
    put(url, [o.revision(1)], gone=False)
    put(url, run_of("r", 50))
    nothing = Keeping(Limits(), audit=timedelta(0), leftovers=timedelta(0))
    assert await clean(url, "metastore", nothing) == {"pools": 1, "dag_revisions": 1, "audit": 2}
    assert counts(url)["dags"] == 1
    await clean(url, "metastore", limited(days=1, leftovers=timedelta(0)))
    assert counts(url) == {}


@pytest.mark.parametrize("in_store", [False, True])
async def test_logs(url: str, tmp_path: Path, in_store: bool) -> None:
    """The logs of a run's Pods go with it, wherever they are kept; others stay."""
    where = f"file://{tmp_path / 'logs'}" if in_store else "metastore"
    put(url, run_of("r", 50))
    archive = LogArchive(url, where)
    for uid in ("uid-r-a-1", "uid-other"):
        log = PodLog(Key("team", "p"), uid, "etl", "r", "a", 1, NOW, b"hello")
        await archive.keep(log)
    archive.close()
    await clean(url, where, limited(days=1))
    assert counts(url)["attempt_logs"] == 1
    assert len(list((tmp_path / "logs").rglob("*.gz"))) == (1 if in_store else 0)


async def test_many(url: str) -> None:
    """More than fits into one batch goes, a batch at a time."""
    put(url, [each for number in range(120) for each in run_of(f"r{number}", 50)])
    assert await clean(url, "metastore", limited(days=1)) == {"dag_runs": 120, "task_runs": 120}
    assert runs(url) == []


async def test_no_database(tmp_path: Path) -> None:
    """It is said in one sentence; the next round tries again."""
    with pytest.raises(Unavailable):
        await clean(f"sqlite:///{tmp_path / 'empty.db'}", "metastore", limited(days=1))
