"""Questions: pages without gaps, whatever comes in between."""

from contextlib import closing
from itertools import pairwise

import pytest

from controller.metastore.engine import connected
from controller.metastore.errors import InvalidPage
from controller.metastore.queries import list_runs, open_session, run_tasks, table_counts
from controller.metastore.tables import DagRunRow
from tests.metastore.objects import at, run, task
from tests.metastore.recording import RecordingWriter, rows


@pytest.fixture
def filled(url: str) -> str:
    """Runs 0 to 24 of the Dag, some at one logical date, and one without any."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for number in range(25):
            writer.observed(run(number + 1, name=f"etl-{number:02}", spec={"logicalDate": at(100 + number // 3)}))
        writer.observed(run(99, name="by-hand"))
        writer.observed(task("load", 100, {"state": "Running", "try": 1}, run="etl-03"))
        writer.observed(
            run(101, name="etl-03", spec={"logicalDate": at(101)}, status={"settled": {"skipped": ["end"]}})
        )
        writer.flushed()
    return url


def test_pages_follow_each_other(filled: str) -> None:
    """Every run comes once, newest first, also where logical dates are equal."""
    names: list[str] = []
    cursor = None
    with open_session(filled) as session:
        while True:
            page = list_runs(session, "team", "etl", limit=4, cursor=cursor)
            names += [line.name for line in page.runs]
            cursor = page.cursor
            if cursor is None:
                break
        lines = list_runs(session, None, None, limit=500).runs
    assert names == [line.name for line in lines]
    assert len(set(names)) == 26
    assert names[-1] == "by-hand"
    assert all(later.ordered_at >= earlier.ordered_at for later, earlier in pairwise(lines))


def test_lists_are_narrowed(filled: str) -> None:
    """Another namespace or Dag has no runs."""
    with open_session(filled) as session:
        assert list_runs(session, "other", None).runs == ()
        assert list_runs(session, "team", "other").runs == ()


@pytest.mark.parametrize(("limit", "cursor"), [(0, None), (501, None), (10, "nonsense"), (10, "WzFd"), (10, "é")])
def test_an_impossible_page_is_refused(filled: str, limit: int, cursor: str | None) -> None:
    """The caller reads why."""
    with open_session(filled) as session, pytest.raises(InvalidPage):
        list_runs(session, None, None, limit, cursor)


def test_the_tasks_of_a_run(filled: str) -> None:
    """All tasks of the run and no other's, with or without a TaskRun."""
    with open_session(filled) as session:
        tasks = run_tasks(session, "uid-etl-03")
    assert [(line.task, line.state, line.name) for line in tasks] == [
        ("end", "Skipped", None),
        ("load", "Running", "etl-03-load"),
    ]


def test_tables_are_counted(filled: str) -> None:
    """Every table is named."""
    with open_session(filled) as session:
        counts = table_counts(session)
    assert (counts["dag_runs"], counts["task_runs"], counts["pools"]) == (len(rows(filled, DagRunRow)), 2, 0)


def test_lists_use_an_index(filled: str) -> None:
    """A page costs its rows, not the table: no plan scans or sorts all runs."""
    with connected(filled) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        page = "SELECT uid FROM dag_runs WHERE {} ORDER BY ordered_at DESC, uid DESC LIMIT 50"
        for narrowed in ("namespace = 'team' AND dag = 'etl'", "state = 'Running'", "1 = 1"):
            plan = str(connection.exec_driver_sql(f"{explain} {page.format(narrowed)}").all())
            assert "ix_dag_runs_" in plan
            assert "Sort" not in plan
            assert "TEMP B-TREE" not in plan
