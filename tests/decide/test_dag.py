"""Dags: revision, conditions, cursor and runs. The calendar is the real one."""

from controller.decide.dag import decide_dag
from controller.model.action import CreateRevision, Decision
from controller.model.dag import canonical_json
from controller.model.names import revision_name
from tests.decide.dags import HOUR, HOURLY, MANUAL, conditions, enabled, seen
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, run, told, written

# ---- a Dag without a schedule --------------------------------------------------------------------------------------


def test_a_dag_just_applied() -> None:
    """Its revision is made, and its status says everything in one write."""
    decision = decide_dag(seen(dag(MANUAL), has_revision=False), after(1))
    name = revision_name("etl", canonical_json(MANUAL))
    assert decision.actions[0] == CreateRevision(dag(MANUAL).meta, name, canonical_json(MANUAL))
    assert kinds(decision) == ["CreateRevision", "WriteStatus"]
    patch = written(decision)
    assert conditions(decision) == [("Ready", "True", "Valid"), ("Paused", "False", "Active")]
    assert {field: value for field, value in patch.items() if field != "conditions"} == {
        "observedGeneration": 1,
        "revision": name,
        "taskCount": 2,
    }
    assert decision.wake_at is None


def test_a_dag_seen_again() -> None:
    """With its own writes done there is nothing left to do."""
    patch = written(decide_dag(seen(dag(MANUAL)), after(1)))
    assert decide_dag(seen(dag(MANUAL, patch)), after(60)) == Decision()


def test_a_dag_that_is_going() -> None:
    """Nothing is done."""
    assert decide_dag(seen(dag(HOURLY, deletionTimestamp=told(1)), has_revision=False), after(9999)) == Decision()


def test_an_invalid_dag() -> None:
    """It is not Ready, for all its faults; it gets no revision and no runs, and no next one is promised."""
    spec = drawn_spec("a >> b", schedule={"cron": "never"}, owner=3)
    decision = decide_dag(seen(enabled(spec, nextRun=told(HOUR)), has_revision=False), after(2 * HOUR))
    assert kinds(decision) == ["WriteStatus", "Tell"]
    assert conditions(decision) == [("Ready", "False", "Invalid"), ("Paused", "False", "Active")]
    message = "spec.owner: input should be a valid string, but it is 3"
    assert written(decision)["conditions"][0]["message"] == message
    assert written(decision)["nextRun"] is None


def test_an_invalid_dag_with_many_faults() -> None:
    """Ten are told, the others counted."""
    spec = drawn_spec("; ".join(f"t{n}" for n in range(14)), {f"t{n}": {"dependsOn": ["gone"]} for n in range(14)})
    message = written(decide_dag(seen(dag(spec)), after(1)))["conditions"][0]["message"]
    assert message.count("gone") == 10
    assert message.endswith("; and 4 more faults")


def test_a_paused_dag() -> None:
    """It is valid and gets its revision, but no time is its next."""
    decision = decide_dag(seen(dag({**HOURLY, "paused": True}, {"nextRun": told(9)}), has_revision=False), after(1))
    assert kinds(decision) == ["CreateRevision", "WriteStatus"]
    assert conditions(decision) == [("Ready", "True", "Valid"), ("Paused", "True", "Paused")]
    assert (written(decision)["nextRun"], "enabledAt" in written(decision)) == (None, False)


def test_pausing_makes_no_new_revision() -> None:
    """The revision's name follows from the spec without `paused`."""
    assert dag(HOURLY).spec_json == dag({**HOURLY, "paused": True}).spec_json


# ---- its runs ------------------------------------------------------------------------------------------------------


def test_a_dag_with_runs() -> None:
    """The newest and the number of active ones are told."""
    patch = written(decide_dag(seen(dag(MANUAL), active_runs=2, newest_run=run(status={"state": "Running"})), after(1)))
    assert (patch["activeRuns"], patch["lastRun"], patch["lastState"]) == (2, "etl-1", "Running")


def test_counts_alone_changed() -> None:
    """Their write waits three seconds after the last, and wakes for it."""
    status = written(decide_dag(seen(dag(MANUAL)), after(1)))
    busy = seen(dag(MANUAL, status), active_runs=1, status_written_at=after(10))
    assert decide_dag(busy, after(11)) == Decision((), after(13))
    assert written(decide_dag(busy, after(13))) == {"activeRuns": 1}


def test_a_run_that_was_deleted() -> None:
    """What was told of the last run stays."""
    status = {**written(decide_dag(seen(dag(MANUAL)), after(1))), "lastRun": "etl-1", "lastState": "Success"}
    assert decide_dag(seen(dag(MANUAL, status)), after(9)) == Decision()
