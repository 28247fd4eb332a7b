"""`slipway db check --resources`: where rows and resources differ, and where they only seem to."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from controller.metastore.compare import Difference, differences
from controller.metastore.projection import Observed
from controller.metastore.queries import open_session
from tests.metastore import objects as o
from tests.metastore.recording import RecordingWriter

SUCCESS = {"state": "Success", "finishedAt": o.at(9)}


def told(url: str, rows: Sequence[Observed], live: Sequence[Observed], *gone: Observed) -> list[tuple[str, ...]]:
    """Kind, name and difference, after these rows were written and these objects are alive."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        for each in rows:
            writer.observed(each)
        for each in gone:
            writer.deleted(each)
        writer.flushed()
    with open_session(url) as session:
        return [(each.kind, each.name, each.what) for each in differences(session, live)]


def test_they_agree(url: str) -> None:
    """Nothing is said; nor of a task whose row shows what only its Pod tells so far."""
    objects: list[Observed] = [
        o.dag(1),
        o.pool(1),
        o.run(1, status={"state": "Running"}),
        o.task("a", 1),
        o.revision(1),
    ]
    pod = o.pod("a", 1, 2, phase="Running", state=o.running(1))
    assert told(url, [*objects, pod], [*objects, pod]) == []


@pytest.mark.parametrize(
    ("rows", "live", "found"),
    [
        ([], [o.run(1)], [("DagRun", "etl-1", "Missing")]),
        ([o.run(1)], [], [("DagRun", "etl-1", "Gone")]),
        ([o.run(1)], [o.run(2)], [("DagRun", "etl-1", "Behind")]),
        ([o.run(1)], [o.run(2, status=SUCCESS)], [("DagRun", "etl-1", "State")]),
        ([o.task("a", 1, SUCCESS)], [o.task("a", 2)], [("TaskRun", "etl-1-a", "State")]),
        ([o.dag(1), o.pool(1)], [], [("Dag", "etl", "Gone"), ("Pool", "db", "Gone")]),
    ],
)
def test_a_difference(url: str, rows: Any, live: Any, found: Any) -> None:
    """Each kind of difference has its word."""
    assert told(url, rows, live) == found


def test_a_row_that_is_buried(url: str) -> None:
    """The row says that the object is gone, and it lives."""
    assert told(url, [o.run(1)], [o.run(1)], o.run(1)) == [
        ("DagRun", "etl-1", "Buried"),
        ("DagRun", "etl-1", "State"),
    ]


def test_both_sides_are_told(url: str) -> None:
    """What the resource says and what the row says."""
    with closing(RecordingWriter(url)) as writer:
        writer.start()
        writer.observed(o.run(1, status={"state": "Running"}))
        writer.flushed()
    with open_session(url) as session:
        [found] = differences(session, [o.run(2, status=SUCCESS)])
    assert found == Difference("DagRun", "team", "etl-1", "State", "Success", "Running")
