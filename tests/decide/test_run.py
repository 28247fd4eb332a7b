"""Runs: adopt, start, advance, finish, and how seldom that is written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from controller.decide.run import decide_run
from controller.model.action import AdoptRun, CreateTaskRun, Decision, Kind, Tell, WriteStatus
from controller.model.dag import canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import revision_name
from controller.model.snapshot import RunSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import after, dag, kinds, revision, run, run_snapshot, running, told, written

CHAIN = drawn_spec("a >> b")
PINNED = revision_name("etl", canonical_json(CHAIN))


def queued(spec: Mapping[str, Any] | None = None, **status: Any) -> DagRun:
    """The run, adopted and waiting to begin."""
    return run(spec, {"revision": PINNED, "params": "{}", "tasks": "0/2", **status})


def waiting_for(decision: Decision) -> list[tuple[str, str]]:
    """The reasons that are written."""
    return [(reason["reason"], reason["message"]) for reason in written(decision).get("waitingFor", ())]


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
    assert (patch["state"], patch["startedAt"], patch["waitingFor"]) == ("Running", told(60), [])


def test_a_pause_of_a_running_run() -> None:
    """It stays Running: the gate holds its tasks back."""
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=dag({**CHAIN, "paused": True}))
    assert kinds(decide_run(snapshot, after(9))) == ["WriteStatus", "CreateTaskRun"]


# ---- advance -------------------------------------------------------------------------------------------------------


def test_a_dag_that_was_edited() -> None:
    """The run goes on with its own revision."""
    edited = drawn_spec("x >> y")
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=dag(edited))
    creates = [action for action in decide_run(snapshot, after(9)).actions if isinstance(action, CreateTaskRun)]
    assert [create.name for create in creates] == ["etl-1-b"]


def test_a_dag_that_was_deleted() -> None:
    """A run that still lives goes on, as its garbage collection is Kubernetes' business."""
    snapshot = run_snapshot(CHAIN, running(CHAIN), {"a": {"state": "Success"}}, dag=None)
    assert "CreateTaskRun" in kinds(decide_run(snapshot, after(9)))


def test_a_revision_that_was_not_seen_yet() -> None:
    """The run is left as it is."""
    snapshot = run_snapshot(CHAIN, running(CHAIN, {"observedGeneration": 1}), revision=None)
    assert decide_run(snapshot, after(9)) == Decision()


def test_a_weight_beyond_64_bits() -> None:
    """The TaskRun's priority is cut, as the API server takes int64."""
    names = [f"t{number}" for number in range(3)]
    heavy = {name: {"priorityWeight": 2**62} for name in names}
    spec = drawn_spec(" >> ".join(names), heavy)
    creates = [
        action
        for action in decide_run(run_snapshot(spec, running(spec)), after(9)).actions
        if isinstance(action, CreateTaskRun)
    ]
    assert [create.spec.priority for create in creates] == [3 * (2**31 - 1)]


def test_decided_again_after_the_write() -> None:
    """With its own writes done there is nothing left to do."""
    status = {"observedGeneration": 1, "tasks": "1/2", "counts": {"Active": 1, "Success": 1}}
    task_runs = {"a": {"state": "Success"}, "b": {"state": "Running"}}
    assert decide_run(run_snapshot(CHAIN, running(CHAIN, status), task_runs), after(9)) == Decision()


# ---- writing seldom ------------------------------------------------------------------------------------------------


def test_counts_alone_changed() -> None:
    """Their write waits for its turn; the tasks they let start do not."""
    status = {"observedGeneration": 1, "tasks": "0/2", "counts": {"Active": 1}}
    snapshot = run_snapshot(CHAIN, running(CHAIN, status), {"a": {"state": "Success"}}, status_written_at=after(8))
    early = decide_run(snapshot, after(9))
    assert (kinds(early), early.wake_at) == (["CreateTaskRun"], after(11))
    late = decide_run(snapshot, after(11))
    assert kinds(late) == ["WriteStatus", "CreateTaskRun"]
    assert written(late) == {"tasks": "1/2", "counts": {"Success": 1}}


def test_a_task_settled() -> None:
    """That is written at once, as nothing else remembers it."""
    status = {"observedGeneration": 1, "tasks": "0/2", "counts": {"Active": 1}}
    spec = drawn_spec("a >> b; c")
    snapshot = run_snapshot(
        spec,
        running(spec, status),
        {"a": {"state": "Failed"}, "c": {"state": "Running"}},
        status_written_at=after(8),
    )
    assert written(decide_run(snapshot, after(9)))["settled"] == {"upstreamFailed": ["b"]}


def test_the_spec_was_touched() -> None:
    """The generation that was looked at is written, once."""
    touched = replace(running(CHAIN), meta=replace(running(CHAIN).meta, generation=2))
    patch = written(decide_run(run_snapshot(CHAIN, touched, {"a": {"state": "Running"}}), after(9)))
    assert patch["observedGeneration"] == 2


# ---- finish --------------------------------------------------------------------------------------------------------


def test_all_tasks_ended() -> None:
    """One write brings the end, whenever the last one was."""
    task_runs = {"a": {"state": "Success"}, "b": {"state": "Success"}}
    snapshot = run_snapshot(CHAIN, running(CHAIN), task_runs, status_written_at=after(9))
    decision = decide_run(snapshot, after(10))
    patch = written(decision)
    assert kinds(decision) == ["WriteStatus"]
    assert {field: patch[field] for field in ("state", "tasks", "counts", "finishedAt", "duration", "reason")} == {
        "state": "Success",
        "tasks": "2/2",
        "counts": {"Success": 2},
        "finishedAt": told(10),
        "duration": "10s",
        "reason": "Completed",
    }
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "True"), ("Finished", "True")]


def test_the_last_task_failed() -> None:
    """The run fails and an Event tells it, after the write."""
    task_runs = {"a": {"state": "Failed", "message": "The task ended with exit code 3"}}
    decision = decide_run(run_snapshot(CHAIN, running(CHAIN), task_runs), after(10))
    assert kinds(decision) == ["WriteStatus", "Tell"]
    assert written(decision)["failedTasks"] == ["a"]
    assert written(decision)["message"] == "Task a failed: The task ended with exit code 3"


def test_a_dag_of_podless_tasks() -> None:
    """The run begins and ends in one look, with no object but itself."""
    spec = drawn_spec("a >> b", {"a": {"noop": {}}, "b": {"noop": {}}})
    decision = decide_run(run_snapshot(spec, run()), after(1))
    assert kinds(decision) == ["WriteStatus"]
    assert (written(decision)["state"], written(decision)["settled"]["success"]) == ("Success", ["a", "b"])


def test_a_timeout() -> None:
    """At the deadline tasks without a Pod are skipped; the run ends when those with one have."""
    spec = drawn_spec("a >> b", runTimeout="1m")
    at_work = run_snapshot(spec, running(spec), {"a": {"state": "Running"}})
    assert decide_run(at_work, after(59)).wake_at == after(60)
    late = decide_run(at_work, after(60))
    assert (written(late)["settled"]["skipped"], "state" in written(late), late.wake_at) == (["b"], False, None)
    ended = run_snapshot(spec, running(spec), {"a": {"state": "Skipped"}})
    patch = written(decide_run(ended, after(61)))
    assert (patch["state"], patch["reason"]) == ("Failed", "TimedOut")
    assert patch["message"] == "The run took longer than its runTimeout of 1m"


def test_a_cancel() -> None:
    """The run waits for its Pods to end and then is Failed, even if they all succeeded."""
    cancelled = replace(running(CHAIN), spec=run({"cancel": "graceful"}).spec)
    at_work = decide_run(run_snapshot(CHAIN, cancelled, {"a": {"state": "Running"}}), after(9))
    assert written(at_work)["settled"]["skipped"] == ["b"]
    ended = decide_run(run_snapshot(CHAIN, cancelled, {"a": {"state": "Success"}}), after(10))
    assert (written(ended)["state"], written(ended)["reason"]) == ("Failed", "Cancelled")


def test_the_patch_names_the_version_that_was_judged() -> None:
    """So a write over another's write is refused by the API server."""
    of = running(CHAIN)
    actions = decide_run(run_snapshot(CHAIN, of), after(9)).actions
    assert [action.meta for action in actions if isinstance(action, WriteStatus)] == [of.meta]


def test_the_revision_of_an_edited_dag() -> None:
    """A run that is not adopted yet takes the Dag's revision of today."""
    snapshot = run_snapshot(CHAIN, run(), revision=revision(CHAIN))
    assert written(decide_run(snapshot, after(1)))["revision"] == PINNED
