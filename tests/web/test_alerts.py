"""What a run's page tells of deadlines and alerts: those of its status, as they were last seen."""

from tests.metastore.objects import at
from tests.web.conftest import Web
from tests.web.objects import A, run

RUN = f"/api/v1/namespaces/{A}/runs/etl-03"


async def test_deadlines_and_alerts_of_a_run(web: Web) -> None:
    """Those it has missed and has to meet; whom an alert has reached and whom not."""
    sent = {"key": "k1", "alert": "on-call", "event": "runFailed", "after": at(5), "sent": ["ops"], "doneAt": at(9)}
    given_up = {"key": "k2", "alert": "mail", "event": "deadlineMissed", "after": at(7), "deadline": "by-breakfast"}
    status = {
        "state": "Failed",
        "deadlines": [{"name": "by-breakfast", "at": at(7), "riskAt": at(3), "state": "Missed"}],
        "alerting": {"records": [sent, {**given_up, "failed": {"team": "no route"}, "count": 2}]},
    }
    web.record(run(A, "etl-03", 900, status))
    found = (await web.admin.get(RUN)).json()
    assert found["deadlines"] == [{"name": "by-breakfast", "at": at(7), "riskAt": at(3), "state": "Missed"}]
    told: dict[str, object] = {"deadline": None, "count": 1, "failed": {}, "doneAt": at(9)}
    assert found["alerts"] == [
        {"alert": "on-call", "event": "runFailed", "after": at(5), "sent": ["ops"], **told},
        {
            "alert": "mail", "event": "deadlineMissed", "deadline": "by-breakfast", "count": 2, "after": at(7),
            "sent": [], "failed": {"team": "no route"}, "doneAt": None,
        },
    ]  # fmt: skip


async def test_a_run_without_any(web: Web) -> None:
    """Then both are empty."""
    found = (await web.admin.get(RUN)).json()
    assert (found["deadlines"], found["alerts"], found["deletedBy"]) == ([], [], None)
