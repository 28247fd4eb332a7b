"""A number of runs and tasks -> how long the API's list pages take on a database of that size.

python -m tests.bench.web_lists [runs] [tasks per run] [database URL of an empty database]
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from time import perf_counter
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from controller.metastore.engine import connected, open_engine
from controller.metastore.migrate import migrate
from controller.web.paging import write_cursor
from controller.web.queries.approvals import ApprovalQuery, list_approvals, pending_count
from controller.web.queries.assets import AssetEventQuery, AssetQuery, list_asset_events, list_assets
from controller.web.queries.audit import AuditQuery, list_audit
from controller.web.queries.changes import changes_since
from controller.web.queries.dags import DagQuery, list_dags
from controller.web.queries.home import dags_not_ready, failed_runs, run_counts
from controller.web.queries.namespaces import known_namespaces
from controller.web.queries.pools import PoolQuery, fullest_pools, list_pools
from controller.web.queries.runs import RunQuery, list_bars, list_runs
from controller.web.queries.tasks import TaskQuery, list_tasks, state_counts

DAGS: Final = 500
SPACES: Final = 10
LOOKS: Final = 60
TARGET_MS: Final = 300

_WORDS: Final = {
    "space": f"'space-' || (i % {SPACES})",
    "dag": f"'dag-' || (i % {DAGS})",
    "failed": "CASE WHEN i % 50 = 0 THEN 'Failed' ELSE 'Success' END",
    "count": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
}
_FILL: Final = {
    "dags": """INSERT INTO dags (namespace, name, uid, paused, active_runs, tags, resource_version, change, created_at,
        produces)
        {count} SELECT {space}, {dag}, 'd' || i, false, 0, '["etl"]', 1, 1, {time}, {produces} FROM n""",
    "runs": """INSERT INTO dag_runs (uid, namespace, dag, name, run_type, state, ordered_at, params, paused, counts,
        failed_tasks, waiting_for, resource_version, change, created_at, finished_at)
        {count} SELECT 'r' || i, {space}, {dag}, 'run-' || i, 'scheduled', {failed}, {time}, '', false,
        '{{"Success": 28, "Failed": 1, "Skipped": 1}}', '[]', '[]', 1, i, {time}, {time} FROM n""",
    "tasks": """INSERT INTO task_runs (run_uid, task, map_index, uid, namespace, dag, run, state, attempt, waiting_for,
        pool, pool_slots, resource_version, change, created_at)
        {count} SELECT 'r' || i, 'task-' || k, -1, 'u' || i || '-' || k, {space}, {dag}, 'run-' || i, {failed}, 1, '[]',
        'default', 1, 1, i, {time} FROM n, (SELECT i AS k FROM n WHERE i < {tasks}) AS t""",
    "approvals": """INSERT INTO approvals (uid, namespace, name, dag, run, task, task_run, attempt, state, question,
        options, resource_version, change, created_at)
        {count} SELECT 'a' || i, {space}, 'a-' || i, {dag}, 'run-' || i, 't', 't', 1,
        CASE WHEN i % 500 = 0 THEN 'Open' ELSE 'Answered' END, 'May we?', '["approve"]', 1, i, {time} FROM n""",
    "audit": """INSERT INTO audit (uid, action, id, at, namespace, kind, name, dag, run, asked_by, change)
        {count} SELECT 'r' || i, CASE WHEN i % 9 = 0 THEN 'clear' ELSE 'trigger' END, '', {time}, {space}, 'DagRun',
        'run-' || i, {dag}, 'run-' || i, 'user-' || (i % 97), i FROM n""",
    "updates": """INSERT INTO asset_updates (task_run_uid, number, asset, namespace, dag, run, task, map_index, at,
        change)
        {count} SELECT 'u' || i, 1, 'asset-' || (i % 50), {space}, {dag}, 'run-' || i, 't', -1, {time}, i FROM n""",
}


def main() -> int:
    """Fill, look, and print a line for each question; 1 when one is slower than the target."""
    runs, tasks = (int(word) for word in [*sys.argv[1:3], "100000", "30"][:2])
    with _database(sys.argv[3] if len(sys.argv) > 3 else None) as url:
        migrate(url)
        begun = perf_counter()
        _fill(url, runs, tasks)
        print(f"{runs} runs and {runs * tasks} tasks in {perf_counter() - begun:.0f} s", flush=True)
        slowest = 0.0
        for name, question in _questions().items():
            middle, late = _measured(url, question)
            slowest = max(slowest, late)
            print(f"{name:32} p50 {middle:7.1f} ms   p95 {late:7.1f} ms", flush=True)
    return 1 if slowest > TARGET_MS else 0


def _questions() -> dict[str, Callable[[Session], object]]:
    some = [f"space-{number}" for number in range(3)]
    uids = [f"r{number * DAGS}" for number in range(50)]
    return {
        "all runs": lambda s: list_runs(s, None, None, RunQuery()),
        "all runs, a page of 500": lambda s: list_runs(s, None, None, RunQuery(limit=500)),
        "runs of a namespace": lambda s: list_runs(s, ["space-3"], None, RunQuery()),
        "runs of a namespace without any": lambda s: list_runs(s, ["nothing"], None, RunQuery()),
        "runs of three namespaces": lambda s: list_runs(s, some, None, RunQuery()),
        "runs of three without any": lambda s: list_runs(s, ["x", "y", "z"], None, RunQuery()),
        "failed runs": lambda s: list_runs(s, None, None, RunQuery(state=["Failed"])),
        "failed runs of a namespace": lambda s: list_runs(s, ["space-0"], None, RunQuery(state=["Failed"])),
        "runs of a Dag": lambda s: list_runs(s, ["space-3"], "dag-3", RunQuery()),
        "columns of the grid": lambda s: list_bars(s, "space-3", "dag-3", RunQuery()),
        "cells of the grid, 50 runs": lambda s: state_counts(s, uids),
        "Dags with ten runs each": lambda s: list_dags(s, None, DagQuery()),
        "500 Dags with ten runs each": lambda s: list_dags(s, None, DagQuery(limit=500)),
        "tasks of a run": lambda s: list_tasks(s, "r77", TaskQuery()),
        "pools": lambda s: list_pools(s, None, PoolQuery()),
        "namespaces": known_namespaces,
        "too many changes": lambda s: changes_since(s, 10),
        "home, all runs in the window": lambda s: _home(s, _BEGINNING, None),
        "home, 28,000 runs in the window": lambda s: _home(s, _BEGINNING + timedelta(days=50), None),
        "home, the same of 3 namespaces": lambda s: _home(s, _BEGINNING + timedelta(days=50), some),
        "the inbox": lambda s: list_approvals(s, None, ApprovalQuery(pending=True)),
        "approvals of a Dag": lambda s: list_approvals(s, ["space-3"], ApprovalQuery(dag="dag-3")),
        "assets": lambda s: list_assets(s, None, AssetQuery(limit=500)),
        "updates of assets": lambda s: list_asset_events(s, some, AssetEventQuery()),
        "updates of an asset": lambda s: list_asset_events(s, None, AssetEventQuery(asset="asset-3")),
        "audit": lambda s: list_audit(s, {"DagRun": None}, AuditQuery()),
        "audit of some kinds": lambda s: list_audit(s, {"DagRun": None, "Pool": ("space-3",)}, AuditQuery()),
        "audit of a user": lambda s: list_audit(s, {"DagRun": None}, AuditQuery(user="user-3")),
        "clears in a namespace": lambda s: list_audit(s, {"DagRun": ("space-3",)}, AuditQuery(action=["clear"])),
        "a page of the middle": lambda s: list_runs(s, None, None, RunQuery(cursor=_MIDDLE)),
    }


def _home(session: Session, since: datetime, namespaces: list[str] | None) -> None:
    run_counts(session, namespaces, since)
    failed_runs(session, namespaces, since)
    dags_not_ready(session, namespaces)
    fullest_pools(session, namespaces, 20)
    pending_count(session, namespaces)


_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MIDDLE: Final = write_cursor(["2026-02-01T00:00:00+00:00", "r44640"])


def _measured(url: str, question: Callable[[Session], object]) -> tuple[float, float]:
    engine = open_engine(url)
    spans = []
    with engine.connect() as connection:
        for _ in range(LOOKS + 2):
            begun = perf_counter()
            question(Session(connection))
            spans.append((perf_counter() - begun) * 1000)
    engine.dispose()
    cuts = quantiles(spans[2:], n=20)
    return cuts[9], cuts[18]


def _fill(url: str, runs: int, tasks: int) -> None:
    with connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for table in _FILL:
            last = DAGS - 1 if table == "dags" else runs - 1
            words = {**_WORDS, "count": _WORDS["count"].format(last=last), "time": _time(connection), "tasks": tasks}
            words["produces"] = _produces(connection)
            connection.execute(text(_FILL[table].format_map(words)))
        connection.execute(text(f"UPDATE change_counter SET value = {runs}"))  # noqa: S608 a number of ours
    with connected(url) as connection:
        connection.execute(text("ANALYZE"))


def _time(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return "timestamptz '2026-01-01 00:00:00+00' + i * interval '1 minute'"
    return "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', (i || ' minutes'))"


def _produces(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return "jsonb_build_object('asset-' || (i % 50), jsonb_build_array('t'))"
    return "json_object('asset-' || (i % 50), json_array('t'))"


@contextmanager
def _database(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.db"


if __name__ == "__main__":
    sys.exit(main())
