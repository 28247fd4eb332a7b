"""Contract of the rows of updates of assets, on both databases."""

from datetime import timedelta

from controller.metastore.asset_updates import AssetUpdateRow
from controller.metastore.tables import DagRunRow
from tests.metastore.objects import START, at, attempt, run, task
from tests.metastore.recording import RecordingWriter, only_row, rows


def test_an_update_is_a_row_for_each_asset(writer: RecordingWriter) -> None:
    """Which task of which run updated it, and when."""
    ended = attempt("load", 1, "Success", updates=["orders", "s3://lake/orders"])
    writer.observed(task("load", 3, {"state": "Success", "try": 1, "attempts": [ended]}))
    writer.flushed()
    found = rows(writer.url, AssetUpdateRow)
    assert [(row["asset"], row["number"], row["at"]) for row in found] == [
        ("orders", 1, START + timedelta(seconds=10)),
        ("s3://lake/orders", 1, START + timedelta(seconds=10)),
    ]
    whose = {(row["namespace"], row["dag"], row["run"], row["task"], row["map_index"]) for row in found}
    assert whose == {("team", "etl", "etl-1", "load", -1)}


def test_an_update_that_is_told_again(writer: RecordingWriter) -> None:
    """Later versions of the TaskRun write nothing anew, and do not count as a change of the row."""
    first = attempt("load", 1, "Success", updates=["orders"])
    for version, noted in ((3, 0), (4, 1)):
        writer.observed(task("load", version, {"state": "Success", "attempts": [first], "noted": noted}))
        writer.flushed()
    before = only_row(writer.url, AssetUpdateRow)
    second = attempt("load", 2, "Success", updates=["orders"])
    writer.observed(task("load", 5, {"state": "Success", "attempts": [first, second]}))
    writer.flushed()
    again, later = rows(writer.url, AssetUpdateRow)
    assert (again, later["number"]) == (before, 2)


def test_an_update_outlives_its_task(writer: RecordingWriter) -> None:
    """It happened: the row stays as it is when the TaskRun goes."""
    ended = attempt("load", 1, "Success", updates=["orders"])
    gone = task("load", 3, {"state": "Success", "attempts": [ended]})
    writer.observed(gone)
    writer.flushed()
    before = only_row(writer.url, AssetUpdateRow)
    writer.deleted(gone)
    writer.flushed()
    assert only_row(writer.url, AssetUpdateRow) == before


def test_a_run_that_follows_assets(writer: RecordingWriter) -> None:
    """Its row lists the updates that it answers for; that of another run has none."""
    update = {"asset": "orders", "taskRun": "etl-1-load", "try": 1, "at": at(10)}
    writer.observed(run(4, spec={"runType": "asset_triggered", "updates": [update]}))
    writer.observed(run(5, name="etl-2"))
    writer.flushed()
    assert [row["updates"] for row in rows(writer.url, DagRunRow)] == [[update], None]
