"""A task without a Pod: launched, refused, or waiting and saying why."""

from dataclasses import replace
from typing import Any

import pytest

from controller.decide.task import decide_task
from controller.model.action import CreatePod, Decision
from controller.model.gate import PoolUse
from controller.model.metadata import Key
from controller.model.snapshot import PodRefusal, TaskSnapshot
from tests.decide.drawing import drawn_spec
from tests.decide.objects import (
    after,
    candidate,
    kinds,
    task_run,
    task_snapshot,
    told,
    with_use,
    written,
)
from tests.decide.tasks import QUICK, attempts, cancelled, waits


def test_the_gate_let_it_through() -> None:
    """The Pod of the first attempt is created, and that is looked at again in case it never starts."""
    decision = decide_task(task_snapshot(admitted=True), after(1))
    assert kinds(decision) == ["CreatePod"]
    create = decision.actions[0]
    assert isinstance(create, CreatePod)
    assert (create.attempt, create.manifest["metadata"]["name"]) == (1, "etl-1-a-1")
    assert decision.wake_at == after(31)


def test_the_gate_let_a_retry_through() -> None:
    """The next attempt has the next number, counted from the results that are kept."""
    decision = decide_task(task_snapshot(attempts(1, 2), admitted=True), after(60))
    create = decision.actions[0]
    assert isinstance(create, CreatePod)
    assert (create.attempt, create.manifest["metadata"]["name"]) == (3, "etl-1-a-3")


def test_it_must_wait() -> None:
    """The reason is written after two seconds, and not before."""
    full = with_use(pools={Key("team", "default"): PoolUse("default", 2, 2)})
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
    same = with_use(pools={Key("team", "default"): PoolUse("default", 2, 2)})
    assert decide_task(task_snapshot(status, use=same), after(99)) == Decision()


def test_it_waits_in_a_run_with_a_deadline() -> None:
    """It is looked at again at the deadline, whether or not its reason is written already."""
    full = with_use(total=32)
    status = {"state": "Queued", "waitingFor": [{"reason": "Parallelism", "message": "full", "since": told(2)}]}
    limited: dict[str, Any] = {"spec": QUICK, "use": full}
    assert decide_task(task_snapshot(status, **limited), after(9)) == Decision((), after(60))
    assert decide_task(task_snapshot(**limited), after(1)).wake_at == after(2)
    assert decide_task(task_snapshot(spec=QUICK), after(59)) == Decision((), after(60))


def test_it_waits_and_nothing_is_in_its_way() -> None:
    """Nothing is written, as the gate is about to let it through; it is looked at again in case others go first."""
    assert decide_task(task_snapshot(), after(9)) == Decision((), after(11))


def test_it_waits_for_its_next_attempt() -> None:
    """It stays UpForRetry and writes nothing, as the status says when; after that time it may wait for a limit."""
    status = {
        **attempts(1),
        "state": "UpForRetry",
        "retryAt": told(60),
        "waitingFor": [{"reason": "RetryAt", "message": "see retryAt"}],
    }
    later = candidate(Key("team", "etl-1-a"), retry_at=after(60))
    assert decide_task(task_snapshot(status, candidate=later), after(20)) == Decision(wake_at=after(62))


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
