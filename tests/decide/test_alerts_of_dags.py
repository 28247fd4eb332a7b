"""Which alerts hold for a Dag, and what is told of one that is not valid."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from controller.decide.alerts.rules import DEFAULT, alerts_in, targets_missing
from controller.decide.dag import decide_dag
from controller.model.action import Decision
from controller.model.alerts import Alert, AlertEvent, Delivery, SendAlert, Target
from controller.model.dag import canonical_json
from controller.model.snapshot import DagSnapshot
from tests.decide.objects import NOW, POLICY, Json, after, dag, revision, told, written

VALID: Final[dict[str, Any]] = {
    "alerts": [
        {"name": "broken", "events": ["dagInvalid"], "targets": ["chat"], "message": "{{ dag.faults }} {{ run.id }}"}
    ],
    "owner": "data",
    "tasks": [{"name": "a", "script": "true"}],
}
INVALID: Final = {**VALID, "tasks": [{"name": "a", "script": "true", "dependsOn": ["ghost"]}]}
CHAT: Final = {"chat": Target("chat")}
READY: Final = {"type": "Ready", "status": "True", "reason": "Valid", "lastTransitionTime": told()}


def seen(spec: Json, status: Json | None = None, **more: Any) -> DagSnapshot:
    """The Dag with one target."""
    fields: dict[str, Any] = {
        "dag": dag(spec, status),
        "has_revision": True,
        "active_runs": 0,
        "newest_run": None,
        "status_written_at": None,
        "policy": POLICY,
        "awake_since": NOW,
        "targets": CHAT,
    }
    return DagSnapshot(**{**fields, **more})


def sends(decision: Decision) -> list[SendAlert]:
    """The alerts that are sent now."""
    return [action for action in decision.actions if isinstance(action, SendAlert)]


def test_a_dag_that_breaks() -> None:
    """It is noted with the condition that says so, then sent, with the faults in the alert's own words."""
    first = written(decide_dag(seen(INVALID, {"conditions": [READY]}), after(1)))
    (record,) = first["alerting"]["records"]
    assert (record["alert"], record["event"]) == ("broken", "dagInvalid")
    (sent,) = sends(decide_dag(seen(INVALID, first, last_revision=revision(VALID)), after(2)))
    assert (sent.of_dag, sent.target, sent.title) == (True, "chat", "[team/etl] The Dag is not valid")
    assert sent.text.startswith("spec.tasks[0].dependsOn: ")
    taken = seen(INVALID, first, deliveries={(sent.key, "chat"): Delivery(after(3))})
    assert written(decide_dag(taken, after(3)))["alerting"]["records"][0]["sent"] == ["chat"]


def test_when_it_is_tried_again() -> None:
    """The decision says so, though no run is due."""
    status = written(decide_dag(seen(INVALID), after(1)))
    key = status["alerting"]["records"][0]["key"]
    decision = decide_dag(seen(INVALID, status, deliveries={(key, "chat"): Delivery(after(3), "is down")}), after(4))
    assert (sends(decision), decision.wake_at) == ([], after(13))


def test_when_a_run_is_due_as_well() -> None:
    """The earlier of the two counts: the alert's next try, as a valid Dag may still have one open."""
    scheduled = {**VALID, "schedule": {"cron": "0 7 * * *"}}
    status = {**written(decide_dag(seen(INVALID), after(1))), "conditions": [READY]}
    key = status["alerting"]["records"][0]["key"]
    decision = decide_dag(seen(scheduled, status, deliveries={(key, "chat"): Delivery(after(3), "is down")}), after(4))
    assert decision.wake_at == after(13)


def test_alerts_that_can_not_be_read() -> None:
    """Those of the last valid spec hold; without one the operator's default, if there is one."""
    faulty = {**INVALID, "alerts": [{"name": "broken"}]}
    assert "alerting" not in written(decide_dag(seen(faulty), after(1)))
    assert "alerting" in written(decide_dag(seen(faulty, last_revision=revision(VALID)), after(1)))
    default = {"default": Target("default")}
    noted = written(decide_dag(seen(faulty, targets=default), after(1)))["alerting"]
    assert noted["records"][0]["alert"] == "default"


@pytest.mark.parametrize(
    ("targets", "expected"),
    [({}, ()), ({"default": Target("default")}, (DEFAULT,)), ({"default": Target("default", frozenset({"x"}))}, ())],
)
def test_the_default(targets: Mapping[str, Target], expected: tuple[Alert, ...]) -> None:
    """It holds where a Dag says nothing, and the target is there for its namespace."""
    assert alerts_in([canonical_json({})], "team", targets) == expected
    assert alerts_in([canonical_json({"alerts": []})], "team", targets) == ()
    assert alerts_in([], "team", targets) == expected


def test_what_alerts_lack() -> None:
    """Three in words and a count; a target for others only is as good as none."""
    alert = Alert(name="a", events=(AlertEvent.RUN_FAILED,), targets=("chat", "mail", "pager", "sms", "fax"))
    targets = {**CHAT, "mail": Target("mail", frozenset({"other"}))}
    assert targets_missing([alert], "team", targets) == (
        "Alert a has target mail, which is not for namespace team; "
        "Alert a has target pager, which the operator has not set up; "
        "Alert a has target sms, which the operator has not set up; and 1 more"
    )
    assert targets_missing([alert], "team", {name: Target(name) for name in alert.targets}) == ""
