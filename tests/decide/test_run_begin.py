"""Runs that begin: adopted, then started, or waiting and saying why."""

from dataclasses import replace

import pytest

from controller.decide.run import decide_run
from controller.model.action import AdoptRun, CreateTaskRun, Decision, Kind, Tell
from controller.model.dag import canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import revision_name
from controller.model.snapshot import RunSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, revision, run, run_snapshot, running, told, written
from tests.decide.runs import CHAIN, queued, waiting_for

# ---- adopt ---------------------------------------------------------------------------------------------------------


def test_a_run_just_created() -> None:
    """One look pins it, begins it and starts its first tasks; the status is written before any TaskRun is made."""
    spec = drawn_spec("a >> b", params={"day": {"default": "monday"}})
    snapshot = run_snapshot(spec, run({"params": {"day": "friday"}, "logicalDate": told()}))
    decision = decide_run(snapshot, after(1))
    assert kinds(decision) == ["WriteStatus", "CreateTaskRun"]
    assert written(decision) == {
        "observedGeneration": 1,
        "state": "Running",
        "revision": revision_name("etl", canonical_json(spec)),
        "params": '{"day":"friday"}',
        "startedAt": told(1),
        "tasks": "0/2",
        "counts": {"Active": 1},
        "conditions": [
            {
                "type": "Succeeded",
                "status": "Unknown",
                "reason": "Unfinished",
                "message": "",
                "lastTransitionTime": told(1),
                "observedGeneration": 1,
            },
            {
                "type": "Finished",
                "status": "False",
                "reason": "Unfinished",
                "message": "",
                "lastTransitionTime": told(1),
                "observedGeneration": 1,
            },
        ],
    }
    create = decision.actions[1]
    assert isinstance(create, CreateTaskRun)
    assert create.name == "etl-1-a"
    assert create.spec.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "dagRunRef": {"name": "etl-1"},
        "dagRef": {"name": "etl"},
        "task": "a",
        "logicalDate": told(),
        "pool": "default",
        "poolSlots": 1,
        "priority": 2,
        "backfill": False,
        "kind": "pod",
        "verdict": "Run",
        "round": 0,
    }


def test_a_run_that_a_user_made() -> None:
    """It gets the Dag as its owner, also later if the first try was lost."""
    snapshot = run_snapshot(CHAIN, run(owner=None))
    decision = decide_run(snapshot, after(1))
    adopt = AdoptRun(snapshot.run.meta, dag(CHAIN).meta)
    assert kinds(decision) == ["WriteStatus", "CreateTaskRun", "AdoptRun"]
    assert decision.actions[-1] == adopt
    unowned = replace(running(CHAIN, {"observedGeneration": 1}), meta=snapshot.run.meta)
    assert adopt in decide_run(run_snapshot(CHAIN, unowned, {"a": {"state": "Running"}}), after(9)).actions


def test_a_run_of_an_unknown_dag() -> None:
    """It waits in silence for the two seconds that the Dag may come later than its run, then says so once."""
    snapshot = run_snapshot(CHAIN, run(), dag=None, revision=None)
    early = decide_run(snapshot, after(1))
    assert (waiting_for(early), early.wake_at) == ([], after(2))
    late = decide_run(snapshot, after(2))
    assert waiting_for(late) == [("DagMissing", "Dag etl does not exist")]


def test_a_run_that_said_already_what_it_waits_for() -> None:
    """Nothing is written a second time."""
    reason = {"reason": "DagMissing", "message": "Dag etl does not exist", "since": told(2)}
    snapshot = run_snapshot(CHAIN, run(status={"waitingFor": [reason], "observedGeneration": 1}), dag=None)
    assert decide_run(snapshot, after(60)) == Decision()


def test_a_run_of_an_invalid_dag() -> None:
    """It waits for the Dag to be mended."""
    snapshot = run_snapshot(CHAIN, run(), dag=dag({"tasks": []}))
    assert waiting_for(decide_run(snapshot, after(5))) == [
        ("DagNotReady", "Dag etl is not valid: see its condition Ready")
    ]


def test_a_run_before_the_dags_revision() -> None:
    """It is left alone: the Dag's decider is about to make the revision."""
    snapshot = run_snapshot(CHAIN, run(status={"observedGeneration": 1}), revision=None)
    assert decide_run(snapshot, after(5)) == Decision()


def test_wrong_params() -> None:
    """The run fails for good, with the sentence that names the param."""
    decision = decide_run(run_snapshot(CHAIN, run({"params": {"dya": 1}})), after(1))
    patch = written(decision)
    message = "Param dya is not one of the Dag's params (none)"
    assert (patch["state"], patch["reason"], patch["message"]) == ("Failed", "ParamsInvalid", message)
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "False"), ("Finished", "True")]
    assert decision.actions[1] == Tell(Kind.DAG_RUN, run().meta, "RunFailed", message, warning=True)


@pytest.mark.parametrize("of", [run({"cancel": "graceful"}), queued({"cancel": "force"})])
def test_a_cancel_before_the_begin(of: DagRun) -> None:
    """The run fails at once, adopted or not, and no task is made."""
    decision = decide_run(run_snapshot(CHAIN, of), after(1))
    assert kinds(decision) == ["WriteStatus", "Tell"]
    assert written(decision)["message"] == "The run was cancelled before it began"


def test_a_run_that_cannot_be_read() -> None:
    """It fails with what the parser said."""
    decision = decide_run(run_snapshot(CHAIN, replace(run(), unreadable="logicalDate is no time")), after(1))
    assert (written(decision)["reason"], written(decision)["message"]) == ("Invalid", "logicalDate is no time")


@pytest.mark.parametrize(
    "of",
    [
        run(deletionTimestamp=told(1)),
        run(status={"state": "Success"}),
        run(status={"state": "Failed"}),
    ],
)
def test_a_run_that_is_over_or_going(of: DagRun) -> None:
    """Nothing is done."""
    assert decide_run(run_snapshot(CHAIN, of), after(60)) == Decision()


# ---- start ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [
        (run_snapshot(CHAIN, queued({"paused": True})), ("Paused", "The run is paused")),
        (run_snapshot(CHAIN, queued(), dag=dag({**CHAIN, "paused": True})), ("Paused", "The Dag is paused")),
        (
            run_snapshot(CHAIN, queued(), running_runs=16),
            ("RunLimit", "16 of 16 runs of the Dag are active (maxActiveRuns)"),
        ),
        (
            run_snapshot(CHAIN, queued(), running_runs=3, is_next=False),
            ("RunLimit", "3 of 16 runs of the Dag are active (maxActiveRuns)"),
        ),
    ],
)
def test_a_run_that_may_not_begin(snapshot: RunSnapshot, reason: tuple[str, str]) -> None:
    """It stays Queued and says why, once two seconds have passed."""
    early = decide_run(snapshot, after(1))
    assert (written(early), early.wake_at) == ({"observedGeneration": 1}, after(2))
    late = decide_run(snapshot, after(2))
    assert kinds(late) == ["WriteStatus"]
    assert waiting_for(late) == [reason]


def test_a_run_that_may_begin_at_last() -> None:
    """It runs from now, and its reason to wait is gone."""
    reason = {"reason": "RunLimit", "message": "16 of 16", "since": told(2)}
    patch = written(decide_run(run_snapshot(CHAIN, queued(waitingFor=[reason])), after(60)))
    assert (patch["state"], patch["startedAt"], patch["waitingFor"]) == ("Running", told(60), None)


def test_a_pause_of_a_running_run() -> None:
    """It stays Running: the gate holds its tasks back."""
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=dag({**CHAIN, "paused": True}))
    assert kinds(decide_run(snapshot, after(9))) == ["WriteStatus", "CreateTaskRun"]


@pytest.mark.parametrize("of", [queued(), running(CHAIN)])
def test_a_revision_that_this_version_can_not_read(of: DagRun) -> None:
    """The run says so, in place of waiting without a word."""
    newer = revision({"tasks": [{"name": "a", "telepathy": {}}]})
    snapshot = run_snapshot(CHAIN, of, revision=newer)
    assert decide_run(snapshot, after(1)).wake_at == after(2)
    reason, message = waiting_for(decide_run(snapshot, after(2)))[0]
    assert (reason, newer.meta.name in message) == ("RevisionInvalid", True)
    assert not written(decide_run(replace(snapshot, revision=None), after(2))).keys() & {"waitingFor", "state"}
