"""Queries behind pages: each reads its rows by an index and no others, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from controller.metastore.engine import connected
from controller.model.dag import parse_dag
from controller.model.metadata import Key
from controller.web.authorise import AUDITED
from controller.web.paging import PageQuery
from controller.web.queries.approvals import ApprovalQuery, list_approvals, one_approval, pending_count
from controller.web.queries.assets import AssetEventQuery, AssetQuery, list_asset_events, list_assets
from controller.web.queries.audit import AuditQuery, Seen, list_audit
from controller.web.queries.backfills import BackfillQuery, list_backfills, one_backfill
from controller.web.queries.cascade import with_dag, with_run
from controller.web.queries.changes import changes_since
from controller.web.queries.dags import DagQuery, list_dags
from controller.web.queries.home import failed_runs, run_counts
from controller.web.queries.namespaces import known_namespaces
from controller.web.queries.planning import past_of
from controller.web.queries.pools import fullest_pools
from controller.web.queries.revisions import list_revisions
from controller.web.queries.runs import RunQuery, Sides, list_bars, list_runs, one_run, runs_beside
from controller.web.queries.tasks import TaskQuery, list_tasks, state_counts
from tests.metastore.recording import RecordingWriter
from tests.web.objects import A, B, meta


def audited(namespaces: tuple[str, ...] | None) -> Seen:
    """Every kind of object may be seen there."""
    return dict.fromkeys(AUDITED, namespaces)


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
QUESTIONS: dict[str, Callable[[Session], object]] = {
    "all runs": lambda s: list_runs(s, None, None, RunQuery()),
    "runs of one namespace": lambda s: list_runs(s, [A], None, RunQuery()),
    "runs of some namespaces": lambda s: list_runs(s, [A, B], None, RunQuery()),
    "runs of a Dag": lambda s: list_runs(s, [A], "etl", RunQuery()),
    "columns of the grid": lambda s: list_bars(s, A, "etl", RunQuery()),
    "failed runs": lambda s: list_runs(s, None, None, RunQuery(state=["Failed"])),
    "runs that are not gone": lambda s: list_runs(s, [A], "etl", RunQuery(deleted=False)),
    "runs beside one": lambda s: runs_beside(s, Key(A, "etl-03"), Sides(past=True, future=True), 201),
    "what goes with a run": lambda s: with_run(s, f"{A}/etl-03"),
    "what goes with a Dag": lambda s: with_dag(s, A, "etl"),
    "one run": lambda s: one_run(s, A, "etl-03"),
    "Dags": lambda s: list_dags(s, None, DagQuery()),
    "revisions": lambda s: list_revisions(s, A, "etl", PageQuery()),
    "tasks": lambda s: list_tasks(s, f"{A}/etl-03", TaskQuery()),
    "cells of the grid": lambda s: state_counts(s, [f"{A}/etl-03", f"{A}/etl-11"]),
    "namespaces": known_namespaces,
    "counts of the window": lambda s: run_counts(s, None, LONG_AGO),
    "counts of the window in a namespace": lambda s: run_counts(s, [A], LONG_AGO),
    "the last failures": lambda s: failed_runs(s, [A], LONG_AGO),
    "full pools": lambda s: fullest_pools(s, None, 20),
    "the inbox": lambda s: list_approvals(s, None, ApprovalQuery(pending=True)),
    "approvals": lambda s: list_approvals(s, None, ApprovalQuery()),
    "approvals of a namespace": lambda s: list_approvals(s, [A], ApprovalQuery()),
    "one approval": lambda s: one_approval(s, A, "etl-11-report-1"),
    "how many approvals wait": lambda s: pending_count(s, None),
    "backfills": lambda s: list_backfills(s, None, BackfillQuery()),
    "one backfill": lambda s: one_backfill(s, A, "january", PageQuery()),
    "runs of a backfill": lambda s: past_of(s, A, "etl", LONG_AGO),
    "assets": lambda s: list_assets(s, None, AssetQuery()),
    "updates of assets": lambda s: list_asset_events(s, None, AssetEventQuery()),
    "updates of an asset": lambda s: list_asset_events(s, [A], AssetEventQuery(asset="orders")),
    "audit": lambda s: list_audit(s, audited(None), AuditQuery()),
    "audit of a namespace": lambda s: list_audit(s, audited((A,)), AuditQuery()),
    "audit of some kinds": lambda s: list_audit(s, {"DagRun": None, "Approval": (A,)}, AuditQuery()),
    "audit of a run": lambda s: list_audit(s, audited((A,)), AuditQuery(run="etl-03")),
    "audit of a user": lambda s: list_audit(s, audited(None), AuditQuery(user="ada")),
    "changes": lambda s: changes_since(s, 1),
}
LARGE = ("dag_runs", "task_runs", "attempts", "dag_revisions", "approvals", "backfills", "asset_updates", "audit")
"""Tables that grow with time; those with a row for each Dag or pool at most cost little to read whole."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_page_reads_a_whole_table(filled: RecordingWriter, question: str) -> None:
    """Neither runs, tasks nor attempts are scanned; what is ordered newest first is not sorted."""
    with connected(filled.url) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = _plans(connection, question)
    assert plans
    for plan in plans:
        for table in LARGE:
            assert f"Seq Scan on {table}" not in plan, plan
            assert f"SCAN {table}\n" not in plan + "\n", plan


@pytest.mark.parametrize("dags", [0, 3, 60])
def test_a_page_of_dags_costs_two_statements(filled: RecordingWriter, dags: int) -> None:
    """However many Dags and runs there are, and however many of them are shown."""
    for number in range(dags):
        filled.observed(parse_dag(meta(A, f"more-{number}", 100 + number), {"spec": {"tasks": []}}))
    filled.flushed()
    with connected(filled.url) as connection:
        sent = _sent(connection, lambda s: list_dags(s, None, DagQuery(limit=500, runs=25)))
    assert len(sent) == 2


def _plans(connection: Connection, question: str) -> list[str]:
    """The plan of each statement that the question sends."""
    sent = _sent(connection, QUESTIONS[question])
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    plans = []
    for statement, parameters in sent:
        found = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        plans.append("\n".join(str(row[-1]) for row in found))
    return plans


def _sent(connection: Connection, question: Callable[[Session], object]) -> list[tuple[str, Any]]:
    """The statements that the question sends."""
    sent: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    question(Session(connection))
    event.remove(connection, "before_cursor_execute", note)
    return sent
