"""A Dag's calendar, and the attempts of a run as spans."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from controller.model.dag import canonical_json, parse_dag, parse_revision
from controller.model.names import revision_name
from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import A, meta, run

CALENDAR = f"/api/v1/namespaces/{A}/dags/etl/calendar"


async def test_days_tell_outcomes_and_gaps(web: Web) -> None:
    """Runs count by state on their day; an hour of the hourly schedule without a run is missing."""
    web.record(run(A, "etl-late", 60, {"state": "Success"}, spec={"logicalDate": at(3600 * 14)}))
    asked = {"after": at(0), "before": at(3600 * 15)}
    found = (await web.admin.get(CALENDAR, asked)).json()
    assert found["days"] == [
        {"day": at(0)[:10], "counts": {"Success": 11, "Failed": 1, "Running": 1}, "missing": 2},
    ]
    assert (found["runsSince"], found["gapsSince"]) == (None, at(0))


async def test_the_next_runs_are_told(web: Web) -> None:
    """Ten instants of the hourly schedule from now on, whatever the window is."""
    found = (await web.admin.get(CALENDAR, {"after": at(0), "before": at(3600)})).json()["coming"]
    times = [datetime.fromisoformat(each) for each in found]
    assert len(times) == 10
    assert {after - before for before, after in pairwise(times)} == {timedelta(hours=1)}
    assert timedelta() < times[0] - datetime.now(UTC) <= timedelta(hours=1)


async def test_days_are_those_of_the_zone(web: Web) -> None:
    """An evening in UTC is the next day further east."""
    asked = {"after": at(0), "before": at(3600 * 12), "timezone": "Pacific/Kiritimati"}
    found = (await web.admin.get(CALENDAR, asked)).json()
    assert [day["counts"] for day in found["days"]] == [{"Success": 3, "Failed": 1}, {"Success": 7, "Running": 1}]


async def test_a_dag_that_follows_assets_alone_has_no_gaps(web: Web) -> None:
    """Its schedule names no times, so none can be without a run."""
    spec = {"schedule": {"assets": {"all": ["orders"]}}, "tasks": [{"name": "a", "script": "true"}]}
    name = revision_name("follows", canonical_json(spec))
    web.record(
        parse_dag(meta(A, "follows", 61), {"spec": spec, "status": {"revision": name}}),
        parse_revision(meta(A, name, 62, labels={"slipway.dev/dag": "follows"}), {"data": spec}),
    )
    found = (await web.admin.get(f"/api/v1/namespaces/{A}/dags/follows/calendar")).json()
    assert (found["days"], found["coming"], found["gapsSince"]) == ([], [], None)


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"after": at(10), "before": at(10)}, "after"),
        ({"after": "2020-01-01T00:00:00Z", "before": "2024-01-01T00:00:00Z"}, "after"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"before": "0001-01-02T00:00:00Z"}, "before"),
    ],
)
async def test_what_can_not_be_asked_is_told(web: Web, asked: dict[str, str], parameter: str) -> None:
    """The problem names the parameter."""
    answer = await web.admin.get(CALENDAR, asked)
    assert answer.status == 422
    assert parameter in answer.text


async def test_attempts_of_a_run(web: Web) -> None:
    """Each attempt is a span, page by page."""
    path = f"/api/v1/namespaces/{A}/runs/etl-03/attempts"
    first = (await web.admin.get(path, {"limit": "2"})).json()
    rest = (await web.admin.get(path, {"cursor": first["next"]})).json()
    told = [(item["task"], item["index"], item["number"], item["state"]) for item in first["items"] + rest["items"]]
    assert told == [("extract", None, 1, "Success"), ("report", None, 1, "Failed"), ("report", None, 2, "Failed")]
    assert first["items"][0]["startedAt"] == at(10)
    assert rest["next"] is None
