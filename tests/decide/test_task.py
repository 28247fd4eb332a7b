"""Tasks: a TaskRun and its Pods -> the whole decision."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from controller.decide.task import decide_orphan, decide_task
from controller.model.action import CreatePod, Decision, DeletePod, ReleasePod, Tell
from controller.model.metadata import Key
from controller.model.pod import Pod
from controller.model.snapshot import Candidate, OrphanSnapshot, PodRefusal, PoolUse, TaskSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import (
    after,
    container,
    exited,
    kinds,
    pod,
    run,
    running,
    task_run,
    task_snapshot,
    told,
    waiting,
    with_use,
    written,
)

STARTED: dict[str, Any] = {"phase": "Running", **container({"running": {"startedAt": told(5)}})}
GOING: dict[str, Any] = {"deletionTimestamp": told(40), "deletionGracePeriodSeconds": 30}
RETRIED = drawn_spec("a", {"a": {"retries": 1, "retryDelay": "30s"}})
QUICK = drawn_spec("a", runTimeout="1m")


def cancelled(how: str = "graceful") -> dict[str, Any]:
    """The run, cancelled."""
    return {"run": replace(running(drawn_spec("a")), spec=run({"cancel": how}).spec)}


def attempts(*numbers: int) -> dict[str, Any]:
    """A status that keeps the results of these attempts, all failed."""
    ended = [
        {"number": number, "pod": f"etl-1-a-{number}", "state": "Failed", "finishedAt": told(10)} for number in numbers
    ]
    return {"attempts": ended, "try": numbers[-1]}


def waits(decision: Decision) -> list[tuple[str, str]]:
    """The reasons that are written."""
    return [(reason["reason"], reason["message"]) for reason in written(decision).get("waitingFor", ())]


# ---- launch --------------------------------------------------------------------------------------------------------


def test_the_gate_let_it_through() -> None:
    """The Pod of the first attempt is created, and that is looked at again in case it never starts."""
    decision = decide_task(task_snapshot(admitted=True), after(1))
    assert kinds(decision) == ["CreatePod"]
    create = decision.actions[0]
    assert isinstance(create, CreatePod)
    assert (create.attempt, create.manifest["metadata"]["name"]) == (1, "etl-1-a-1")
    assert decision.wake_at == after(11)


def test_the_gate_let_a_retry_through() -> None:
    """The next attempt has the next number, counted from the results that are kept."""
    decision = decide_task(task_snapshot(attempts(1, 2), admitted=True), after(60))
    create = decision.actions[0]
    assert isinstance(create, CreatePod)
    assert (create.attempt, create.manifest["metadata"]["name"]) == (3, "etl-1-a-3")


def test_it_must_wait() -> None:
    """The reason is written after two seconds, and not before."""
    full = with_use(pools={("team", "default"): PoolUse("default", 2, 2)})
    early = decide_task(task_snapshot(use=full), after(1))
    assert early == Decision((), after(2))
    late = decide_task(task_snapshot(use=full), after(2))
    assert written(late) == {
        "state": "Queued",
        "waitingFor": [
            {"reason": "Pool", "message": "Waiting for 1 of 2 slots in pool default", "since": told(2)},
        ],
    }


def test_it_waits_for_something_else_now() -> None:
    """A new reason is written 30 seconds after the last one at the earliest, the same one never."""
    status = {"state": "Queued", "waitingFor": [{"reason": "Pool", "message": "Waiting", "since": told(2)}]}
    full = with_use(total=32)
    assert decide_task(task_snapshot(status, use=full), after(31)) == Decision((), after(32))
    assert waits(decide_task(task_snapshot(status, use=full), after(32))) == [
        ("Parallelism", "32 tasks run in all, as many as parallelism allows")
    ]
    same = with_use(pools={("team", "default"): PoolUse("default", 2, 2)})
    assert decide_task(task_snapshot(status, use=same), after(99)) == Decision()


def test_it_waits_in_a_run_with_a_deadline() -> None:
    """It is looked at again at the deadline, whether or not its reason is written already."""
    full = with_use(total=32)
    status = {"state": "Queued", "waitingFor": [{"reason": "Parallelism", "message": "full", "since": told(2)}]}
    limited = {"spec": QUICK, "use": full}
    assert decide_task(task_snapshot(status, **limited), after(9)) == Decision((), after(60))
    assert decide_task(task_snapshot(**limited), after(1)).wake_at == after(2)
    assert decide_task(task_snapshot(spec=QUICK), after(9)) == Decision((), after(60))


def test_it_waits_and_nothing_is_in_its_way() -> None:
    """Nothing is written: the gate is about to let it through."""
    assert decide_task(task_snapshot(), after(9)) == Decision()


def test_it_waits_for_its_next_attempt() -> None:
    """It stays UpForRetry and writes nothing, as the status says when."""
    status = {
        **attempts(1),
        "state": "UpForRetry",
        "retryAt": told(60),
        "waitingFor": [{"reason": "RetryAt", "message": "see retryAt"}],
    }
    candidate = Candidate(Key("team", "etl-1-a"), Key("team", "etl-1"), "default", 1, after(60), None, 16)
    assert decide_task(task_snapshot(status, candidate=candidate), after(20)) == Decision()


@pytest.mark.parametrize("snapshot", [task_snapshot(admitted=True, **cancelled()), task_snapshot(spec=QUICK)])
def test_the_run_ends_and_it_has_no_pod(snapshot: TaskSnapshot) -> None:
    """It is skipped, also if the gate had let it through, and its conditions say that it is over."""
    patch = written(decide_task(snapshot, after(60)))
    assert patch["state"] == "Skipped"
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "False"), ("Finished", "True")]


@pytest.mark.parametrize(
    ("refusal", "seconds", "state"),
    [
        (PodRefusal("Quota", "exceeded quota", after(1), after(11)), 9000, "Queued"),
        (PodRefusal("ServiceAccount", "not found", after(1), after(4)), 300, "Queued"),
        (PodRefusal("ServiceAccount", "not found", after(1), after(4)), 301, "Failed"),
        (PodRefusal("PodRefused", "no such volume", after(1), None), 2, "Failed"),
    ],
)
def test_the_api_server_refused_the_pod(refusal: PodRefusal, seconds: float, state: str) -> None:
    """Quota is waited for without limit, a service account for the launch timeout, anything else not at all."""
    decision = decide_task(task_snapshot(refused=refusal), after(seconds))
    patch = written(decision)
    assert patch["state"] == state
    if state == "Queued":
        assert waits(decision) == [(refusal.reason, refusal.message)]
    else:
        assert (patch["reason"], patch["message"]) == (refusal.reason, refusal.message)
        assert patch["failures"] == {"launch": 1}


def test_a_template_cannot_be_filled_in() -> None:
    """The task fails at once: another attempt could not end otherwise."""
    spec = drawn_spec("a >> b", {"b": {"args": ["{{ tasks.a.output.rows }}"], "retries": 3}})
    snapshot = replace(
        task_snapshot(spec=spec, admitted=True), task_run=task_run("b"), task_runs={"a": task_run("a", {"output": "1"})}
    )
    decision = decide_task(snapshot, after(1))
    assert kinds(decision) == ["WriteStatus", "Tell"]
    assert (written(decision)["state"], written(decision)["reason"]) == ("Failed", "TemplateError")


def test_a_template_reads_an_output() -> None:
    """The output is read from the TaskRun's status."""
    spec = drawn_spec("a >> b", {"b": {"args": ["{{ tasks.a.output.rows }}"]}})
    done = task_run("a", {"output": '{"rows":3}'})
    snapshot = replace(task_snapshot(spec=spec, admitted=True), task_run=task_run("b"), task_runs={"a": done})
    create = decide_task(snapshot, after(1)).actions[0]
    assert isinstance(create, CreatePod)
    assert create.manifest["spec"]["containers"][0]["args"] == ["3"]


def test_its_pod_was_seen_and_is_gone() -> None:
    """The attempt is lost, as one Pod's name is never used twice; the next attempt spends no retry."""
    status = {"state": "Running", "try": 1, "pod": "etl-1-a-1", "podUid": "uid-etl-1-a-1", "startedAt": told(5)}
    decision = decide_task(task_snapshot(status, admitted=True), after(60))
    patch = written(decision)
    assert (patch["state"], patch["reason"], patch["failures"]) == ("UpForRetry", "PodLost", {"infrastructure": 1})
    assert kinds(decision) == ["WriteStatus", "Tell"]


# ---- at work -------------------------------------------------------------------------------------------------------


def test_a_short_task_runs() -> None:
    """Nothing is written in the first two seconds."""
    assert decide_task(task_snapshot(pods=(pod(STARTED),)), after(6)) == Decision((), after(7))


def test_a_long_task_runs() -> None:
    """It is Running, in one write."""
    decision = decide_task(task_snapshot({"state": "Queued"}, (pod(STARTED),)), after(7))
    assert written(decision) == {
        "state": "Running",
        "try": 1,
        "pod": "etl-1-a-1",
        "podUid": "uid-etl-1-a-1",
        "node": "node-1",
        "startedAt": told(5),
    }
    status = {"state": "Running", "try": 1, "podUid": "uid-etl-1-a-1"}
    assert decide_task(task_snapshot(status, (pod(STARTED),)), after(60)) == Decision()


def test_a_retry_runs() -> None:
    """What the failed attempt left in the status is gone."""
    status = {
        **attempts(1),
        "state": "UpForRetry",
        "podUid": "uid-etl-1-a-1",
        "exitCode": 3,
        "reason": "Error",
        "message": "it broke",
        "finishedAt": told(4),
        "retryAt": told(5),
        "waitingFor": [{"reason": "RetryAt", "message": "see retryAt"}],
    }
    patch = written(decide_task(task_snapshot(status, (pod(STARTED, attempt=2),)), after(9)))
    gone = ("exitCode", "reason", "message", "finishedAt", "retryAt")
    assert [patch[field] for field in gone] == [None] * 5
    assert (patch["state"], patch["try"], patch["pod"], patch["waitingFor"]) == ("Running", 2, "etl-1-a-2", [])


@pytest.mark.parametrize(
    ("status", "seconds", "reason"),
    [
        ({"phase": "Pending"}, 12, ("Starting", "Pod etl-1-a-1 is starting")),
        (waiting("ContainerCreating"), 12, ("Starting", "Pod etl-1-a-1 is starting")),
        (waiting("ErrImagePull", "not\nfound"), 2, ("ImagePull", "ErrImagePull: not found")),
        (waiting("CreateContainerConfigError", "no x"), 2, ("ContainerConfig", "CreateContainerConfigError: no x")),
        (
            {
                "phase": "Pending",
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes fit"}
                ],
            },
            2,
            ("Unschedulable", "0/1 nodes fit"),
        ),
    ],
)
def test_a_pod_that_does_not_start(status: Mapping[str, Any], seconds: float, reason: tuple[str, str]) -> None:
    """A known trouble is told after two seconds, a mere slow start after twelve."""
    snapshot = task_snapshot(pods=(pod(status),))
    early = decide_task(snapshot, after(seconds - 1))
    assert (early.actions, early.wake_at) == ((), after(seconds))
    assert waits(decide_task(snapshot, after(seconds))) == [reason]


def test_a_pod_that_never_starts() -> None:
    """The launch timeout counts from the node; then the Pod is ended, which gives the attempt up."""
    snapshot = task_snapshot(pods=(pod(waiting("ErrImagePull", "not found")),))
    assert decide_task(snapshot, after(9)).wake_at == after(301)
    late = decide_task(snapshot, after(301))
    assert kinds(late) == ["WriteStatus", "DeletePod"]
    assert late.actions[1] == DeletePod(snapshot.pods[0].meta, None)
    given_up = pod(waiting("ErrImagePull", "not found"), **GOING)
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "ErrImagePull: not found"}]}
    assert decide_task(task_snapshot(said, (given_up,)), after(301)) == Decision()


def test_a_pod_that_no_node_takes() -> None:
    """It may wait for ever: no deadline is set."""
    assert decide_task(task_snapshot(pods=(pod({"phase": "Pending"}, node=None),)), after(9000)).wake_at is None


def test_a_pod_with_an_image_of_no_name() -> None:
    """It is ended at once, as waiting would change nothing."""
    decision = decide_task(task_snapshot(pods=(pod(waiting("InvalidImageName", "bad")),)), after(2))
    assert kinds(decision) == ["WriteStatus", "DeletePod"]


@pytest.mark.parametrize(("how", "grace"), [("graceful", None), ("force", 0)])
def test_the_run_is_cancelled_while_the_pod_works(how: str, grace: int | None) -> None:
    """The Pod is ended, with its own grace or with none."""
    at_work = pod(STARTED)
    decision = decide_task(task_snapshot(pods=(at_work,), **cancelled(how)), after(9))
    assert decision.actions == (DeletePod(at_work.meta, grace),)


def test_the_cancelled_pod_is_ending() -> None:
    """It is not deleted again, unless force comes after grace."""
    ending = pod(STARTED, **GOING)
    assert decide_task(task_snapshot(pods=(ending,), **cancelled()), after(11)) == Decision()
    assert kinds(decide_task(task_snapshot(pods=(ending,), **cancelled("force")), after(11))) == ["DeletePod"]
    at_once = pod(STARTED, deletionTimestamp=told(10), deletionGracePeriodSeconds=0)
    assert decide_task(task_snapshot(pods=(at_once,), **cancelled("force")), after(11)) == Decision()


# ---- account -------------------------------------------------------------------------------------------------------


def test_a_success() -> None:
    """One write keeps the result; the Pod is released by the look that follows it."""
    done = pod(exited(0, "Completed", '{"rows": 3}', phase="Succeeded"))
    decision = decide_task(task_snapshot(pods=(done,)), after(11))
    assert kinds(decision) == ["WriteStatus"]
    patch = written(decision)
    conditions = patch.pop("conditions")
    assert [(c["type"], c["status"], c["reason"]) for c in conditions] == [
        ("Succeeded", "True", "Completed"),
        ("Finished", "True", "Completed"),
    ]
    assert patch == {
        "state": "Success",
        "try": 1,
        "pod": "etl-1-a-1",
        "podUid": "uid-etl-1-a-1",
        "node": "node-1",
        "startedAt": told(5),
        "finishedAt": told(10),
        "duration": "5s",
        "exitCode": 0,
        "reason": "Completed",
        "output": '{"rows":3}',
        "attempts": [
            {
                "number": 1,
                "pod": "etl-1-a-1",
                "state": "Success",
                "reason": "Completed",
                "exitCode": 0,
                "node": "node-1",
                "startedAt": told(5),
                "finishedAt": told(10),
            }
        ],
    }


def test_the_result_is_kept() -> None:
    """The Pod is released, once; it stays for its logs."""
    done = pod(exited(0, phase="Succeeded"))
    status = {**attempts(1), "state": "Success"}
    assert decide_task(task_snapshot(status, (done,)), after(12)) == Decision((ReleasePod(done.meta),))
    released = pod(exited(0, phase="Succeeded"), finalizers=[])
    assert decide_task(task_snapshot(status, (released,)), after(12)) == Decision()


def test_a_failure_with_a_retry_left() -> None:
    """The task is UpForRetry, counted from the attempt's end, and an Event tells it."""
    decision = decide_task(task_snapshot(pods=(pod(exited(3)),), spec=RETRIED), after(11))
    patch = written(decision)
    assert (patch["state"], patch["retryAt"], patch["failures"]) == ("UpForRetry", told(40), {"application": 1})
    assert patch["waitingFor"][0]["reason"] == "RetryAt"
    assert [(c["type"], c["status"]) for c in patch["conditions"]] == [("Succeeded", "Unknown"), ("Finished", "False")]
    tell = decision.actions[1]
    assert isinstance(tell, Tell)
    assert (tell.reason, tell.warning) == ("TaskRetried", True)
    assert tell.message == "Attempt 1 failed and is tried again: The task ended with exit code 3"


def test_a_failure_without_a_retry_left() -> None:
    """The task is Failed, and the results of both attempts are kept."""
    status = {**attempts(1), "state": "UpForRetry", "failures": {"application": 1}}
    decision = decide_task(task_snapshot(status, (pod(exited(3), attempt=2),), RETRIED), after(11))
    patch = written(decision)
    assert (patch["state"], patch["try"], patch["failures"]) == ("Failed", 2, {"application": 2})
    assert [attempt["number"] for attempt in patch["attempts"]] == [1, 2]
    assert kinds(decision) == ["WriteStatus", "Tell"]


def test_an_eviction() -> None:
    """It spends no retry of the user's and is tried again at once."""
    evicted = pod({"phase": "Failed", "reason": "Evicted", "message": "memory"}, deletionTimestamp=told(10))
    patch = written(decide_task(task_snapshot(pods=(evicted,)), after(11)))
    assert (patch["state"], patch["retryAt"], patch["failures"]) == ("UpForRetry", told(10), {"infrastructure": 1})


def test_a_fourth_eviction() -> None:
    """That budget has an end too."""
    status = {**attempts(1, 2, 3), "failures": {"infrastructure": 3}}
    evicted = pod({"phase": "Failed", "reason": "Evicted"}, attempt=4)
    assert written(decide_task(task_snapshot(status, (evicted,)), after(11)))["state"] == "Failed"


def test_a_launch_that_was_given_up() -> None:
    """The kubelet's reason is lost with the Pod, but the status told it."""
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "ErrImagePull: not found"}]}
    given_up = pod({"phase": "Failed"}, **GOING)
    patch = written(decide_task(task_snapshot(said, (given_up,)), after(302)))
    assert (patch["state"], patch["reason"], patch["message"]) == ("UpForRetry", "ImagePull", "ErrImagePull: not found")
    assert patch["failures"] == {"launch": 1}


def test_an_image_of_no_name_that_was_given_up() -> None:
    """It is final although launches are left."""
    said = {"state": "Queued", "waitingFor": [{"reason": "ImagePull", "message": "InvalidImageName: bad"}]}
    patch = written(decide_task(task_snapshot(said, (pod({"phase": "Failed"}, **GOING),)), after(9)))
    assert (patch["state"], patch["reason"]) == ("Failed", "InvalidImageName")


def test_exit_code_99() -> None:
    """The task is skipped, whatever its retries."""
    decision = decide_task(task_snapshot(pods=(pod(exited(99)),), spec=RETRIED), after(11))
    assert (written(decision)["state"], written(decision)["exitCode"]) == ("Skipped", 99)
    assert kinds(decision) == ["WriteStatus"]


@pytest.mark.parametrize(
    ("snapshot", "state", "reason"),
    [
        (task_snapshot(pods=(pod(exited(143), **GOING),), **cancelled()), "Failed", "Cancelled"),
        (task_snapshot(pods=(pod(exited(143), **GOING),), spec=QUICK), "Skipped", "TimedOut"),
        (
            task_snapshot(pods=(pod(exited(0, "Completed", phase="Succeeded"), **GOING),), **cancelled()),
            "Success",
            None,
        ),
        (task_snapshot(pods=(pod(exited(3)),), **cancelled()), "Failed", "Error"),
    ],
)
def test_a_pod_that_ended_as_its_run_ends(snapshot: TaskSnapshot, state: str, reason: str | None) -> None:
    """What we stopped did not fail by itself; what succeeded or failed before that did so; nothing is tried again."""
    patch = written(decide_task(snapshot, after(60)))
    assert (patch["state"], patch["reason"]) == (state, reason or "Completed")
    assert patch.get("retryAt") is None
    assert "failures" not in patch or reason == "Error"


def test_more_attempts_than_are_kept() -> None:
    """The oldest results leave the status; numbers go on."""
    status = {**attempts(*range(1, 11)), "failures": {"application": 10}}
    spec = drawn_spec("a", {"a": {"retries": 100}})
    patch = written(decide_task(task_snapshot(status, (pod(exited(1), attempt=11),), spec), after(11)))
    assert [attempt["number"] for attempt in patch["attempts"]] == list(range(2, 12))


def test_a_failure_is_accounted_once() -> None:
    """A Pod whose result is kept says nothing any more."""
    status = {**attempts(1), "state": "UpForRetry", "retryAt": told(60), "failures": {"application": 1}}
    snapshot = task_snapshot(status, (pod(exited(3)),), RETRIED, candidate=None)
    assert kinds(decide_task(snapshot, after(12))) == ["ReleasePod"]


# ---- the end, and orphans ------------------------------------------------------------------------------------------


def test_a_late_pod_of_a_task_that_is_over() -> None:
    """It is ended at once and released, as nobody waits for its result."""
    late = pod(STARTED, attempt=2)
    status = {**attempts(1), "state": "Failed"}
    decision = decide_task(task_snapshot(status, (pod(exited(3), finalizers=[]), late)), after(9))
    assert decision == Decision((DeletePod(late.meta, 0), ReleasePod(late.meta)))


@pytest.mark.parametrize(
    "more",
    [
        {"run": None},
        {"run": run(deletionTimestamp=told(5))},
        {"revision": None},
        {"task_run": task_run("a", deletionTimestamp=told(5))},
        {"task_run": task_run("ghost")},
    ],
)
def test_nothing_can_be_judged(more: dict[str, Any]) -> None:
    """A task whose run is gone or going, whose revision was not seen, or that is none of the run's, is left alone."""
    assert decide_task(task_snapshot(pods=(pod(STARTED),), admitted=True, **more), after(60)) == Decision()


@pytest.mark.parametrize(("orphan", "released"), [(pod(STARTED), True), (pod(STARTED, finalizers=[]), False)])
def test_a_pod_without_a_task_run(orphan: Pod, released: bool) -> None:
    """It is released if we hold it."""
    actions = (ReleasePod(orphan.meta),) if released else ()
    assert decide_orphan(OrphanSnapshot(orphan)) == Decision(actions)
