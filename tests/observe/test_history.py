"""What of a Dag's past something at work still looks at, where a story would have to be very quick to show it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.model.dag import Revision, parse_dag, parse_revision
from controller.model.dagrun import DagRun, parse_dag_run
from controller.model.metadata import Key
from controller.model.names import LABEL_DAG
from controller.model.policy import Policy
from controller.observe.history import history_of
from controller.observe.sensing import Sensing
from controller.observe.store import Store
from tests.decide.objects import after, meta, told

ETL = Key("team", "etl")
ENDED: Mapping[str, Any] = {"state": "Success", "finishedAt": told(10)}
DAY = 86_400.0


def dated(name: str, seconds: float, run_type: str = "scheduled", **status: Any) -> DagRun:
    """A run of a logical date that has ended."""
    spec = {"dagRef": {"name": "etl"}, "runType": run_type, "logicalDate": told(seconds)}
    return parse_dag_run(meta(name, owner="etl"), {"spec": spec, "status": {**ENDED, **status}})


def needed(status: Mapping[str, Any], *runs: DagRun) -> list[str]:
    """The runs that stay, of these and a newest one of another kind."""
    store = Store()
    spec = {"tasks": [{"name": "a", "script": "true"}]}
    store.put(parse_dag(meta("etl"), {"spec": spec, "status": dict(status)}))
    for run in runs:
        store.put(run)
    found = history_of(store, Policy(default_task_image="i"), lambda observed: True, ETL)
    return [run.meta.name for run in runs if run.meta.key in found.needed]


def test_slots_that_the_cursor_has_not_passed() -> None:
    """A scheduled run stays until the Dag's status says that its slot was taken: it would be made again."""
    runs = [dated(f"r{day}", DAY * day) for day in range(4)]
    assert needed({"lastScheduled": told(DAY)}, *runs) == ["r2", "r3"]
    assert needed({}, *runs) == ["r0", "r1", "r2", "r3"]


def test_a_run_of_assets_that_is_being_made() -> None:
    """It stays as long as the status says that it is about to be made."""
    runs = [dated("a1", 0, "asset_triggered"), dated("a2", DAY, "asset_triggered")]
    assert needed({"assets": {"making": {"name": "a1", "at": told()}}}, *runs) == ["a1", "a2"]
    assert needed({"assets": {"waitsFor": ["orders"]}}, *runs) == ["a2"]


@pytest.mark.parametrize(
    ("status", "stays"),
    [
        ({"redo": {"round": 1}}, True),
        ({"deadlines": [{"name": "six", "at": told(), "state": "Set"}]}, False),
        ({"state": "Failed", "deadlines": [{"name": "six", "at": told(), "state": "Set"}]}, True),
        ({"state": "Failed", "deadlines": [{"name": "six", "at": told(), "state": "Missed"}]}, False),
    ],
)
def test_what_is_still_to_be_done(status: Any, stays: bool) -> None:
    """A request that is being carried out, or a deadline that can still be missed, keeps its run."""
    runs = [dated("r", 0, "manual", **status), dated("z-newest", DAY, "backfill")]
    assert ("r" in needed({"lastScheduled": told()}, *runs)) is stays


def test_nothing_of_another_kind() -> None:
    """Collections answer for what they are about, and for nothing else."""
    found = history_of(Store(), Policy(default_task_image="i"), lambda observed: True, ETL)
    for collection in (found.recorded, found.needed, found.recorded_others):
        assert "etl" not in collection  # type: ignore[comparison-overlap]
        assert ETL not in collection


# ---- who senses ----------------------------------------------------------------------------------------------------


def sensor(name: str, *tasks: Mapping[str, Any]) -> Revision:
    """A revision of Dag `watcher` with these sensors."""
    spec = {"tasks": [{"name": f"t{place}", "dagSensor": task} for place, task in enumerate(tasks)]}
    return parse_revision(meta(name, labels={LABEL_DAG: "watcher"}), {"data": spec})


def test_who_looks_back() -> None:
    """The Dags with a sensor, each with its largest offset, for as long as the revision is there."""
    sensing = Sensing()
    hour, day = {"dag": "etl", "offset": "1h"}, {"dag": "etl", "offset": "1d"}
    odd = sensor("odd", {"dag": "etl", "offset": "soon"}, {"dag": 7})
    revisions = [sensor("one", hour, day), odd, parse_revision(meta("none"), {"data": {"tasks": []}})]
    known = {each.meta.key: each for each in revisions}
    for each in (*revisions, revisions[0]):
        sensing.put(each)
    watcher = Key("team", "watcher")
    found = sorted(sensing.who_senses(ETL, known))
    assert found == [(watcher, timedelta(0)), (watcher, timedelta(days=1))]
    for each in revisions:
        sensing.drop(each)
    assert list(sensing.who_senses(ETL, known)) == []
    assert not any(vars(sensing).values())


def test_how_far_back() -> None:
    """From the run on whose interval reaches over the beginning of the earliest run that looks, less its offset."""
    store = Store()
    revision = sensor("watcher-1", {"dag": "etl", "offset": "1d"})
    store.put(replace(revision, meta=meta("watcher-1", labels={LABEL_DAG: "watcher"})))
    for day in range(4):
        store.put(dated(f"r{day}", DAY * day))
    waiting = {"dagRef": {"name": "watcher"}, "logicalDate": told(2.5 * DAY)}
    store.put(parse_dag_run(meta("w", owner="watcher"), {"spec": waiting, "status": {"state": "Running"}}))
    found = history_of(store, Policy(default_task_image="i"), lambda observed: True, ETL)
    assert found.needed_from == after(1.5 * DAY)
    long = {"dagRef": {"name": "etl"}, "logicalDate": told(DAY), "intervalEnd": told(2 * DAY)}
    store.put(parse_dag_run(meta("long", owner="etl"), {"spec": long, "status": dict(ENDED)}))
    found = history_of(store, Policy(default_task_image="i"), lambda observed: True, ETL)
    assert found.needed_from == after(DAY)
