"""Advance: drawings with states -> what starts, what settles, and the counts."""

import pytest

from controller.decide.advance import Advance, advance
from controller.decide.ending import Ending
from controller.model.dagrun import Settled
from controller.model.plan import Plan
from controller.model.states import TaskState
from tests.decide.drawing import drawn_plan, drawn_spec, states
from tests.decide.objects import run_snapshot, running

CANCELLED = Ending("Cancelled", "The run was cancelled", TaskState.FAILED, 0)


def looked(
    plan: Plan,
    now: str = "",
    settled: Settled | None = None,
    changed: str | None = None,
    *,
    ending: Ending | None = None,
) -> Advance:
    """One look at a run whose TaskRuns stand so."""
    spec = drawn_spec("a")
    task_runs = {task: {"state": state} for task, state in states(now).items()}
    run = running(spec, {"settled": (settled or Settled()).dump()})
    marked = None if changed is None else frozenset(changed.split())
    return advance(run_snapshot(spec, run, task_runs, changed=marked), plan, ending)


def told(went: Advance) -> tuple[str, str]:
    """What starts, and every state, as text."""
    ended = {task: state for task, state in went.look.states().items() if task not in begun(went)}
    return " ".join(begun(went)), " ".join(f"{task}:{state}" for task, state in ended.items())


def begun(went: Advance) -> tuple[str, ...]:
    """What starts."""
    return tuple(start.instance for start in went.starts)


@pytest.mark.parametrize(
    ("drawing", "now", "starts"),
    [
        ("a >> [b, c] >> d", "", "a"),
        ("b; a; c >> d", "", "b a c"),
        ("a >> [b, c] >> d", "a:Running", ""),
        ("a >> [b, c] >> d", "a:Success", "b c"),
        ("a >> [b, c] >> d", "a:Success b:Success c:UpForRetry", ""),
        ("a >> [b, c] >> d", "a:Success b:Success c:Success", "d"),
        ("a >> [b, c] >> d", "a:Success b:Success", "c"),
        ("a >> b; c", "a:Failed", "c"),
    ],
)
def test_upstream_ended(drawing: str, now: str, starts: str) -> None:
    """Just the tasks whose rule holds and that have no TaskRun yet start, in topological order."""
    assert begun(looked(drawn_plan(drawing), now)) == tuple(starts.split())


def test_a_failure_above_a_long_chain() -> None:
    """All of it settles in one look, each task seeing what the ones before it just became."""
    rules = {"clean": {"triggerRule": "one_failed"}, "end": {"triggerRule": "all_done"}}
    went = looked(drawn_plan("a >> b >> c >> d >> end; d >> clean", rules), "a:Failed")
    assert told(went) == ("end clean", "a:Failed b:UpstreamFailed c:UpstreamFailed d:UpstreamFailed")
    assert went.settled == dict.fromkeys("bcd", TaskState.UPSTREAM_FAILED)
    assert went.counts == {"Active": 2, "Failed": 1, "UpstreamFailed": 3}
    assert went.done == 4


def test_a_skip_above_a_join() -> None:
    """It passes on, and a join that bears it runs."""
    went = looked(
        drawn_plan("a >> b >> c; a >> join; c >> join", {"join": {"triggerRule": "none_failed"}}), "a:Skipped"
    )
    assert told(went) == ("join", "a:Skipped b:Skipped c:Skipped")


def test_podless_tasks_in_a_row() -> None:
    """They are done at once and let the next task start in the same look."""
    went = looked(drawn_plan("n >> m >> a", {"n": {"noop": {}}, "m": {"noop": {}}}))
    assert told(went) == ("a", "n:Success m:Success")
    assert went.settled == dict.fromkeys("nm", TaskState.SUCCESS)
    assert went.counts == {"Active": 1, "Success": 2}


def test_only_what_changed_is_looked_at() -> None:
    """A task elsewhere, though it could start, waits for a look of its own; the downstream of a change does not."""
    plan = drawn_plan("a >> b; x >> y")
    assert begun(looked(plan, "a:Success x:Success", changed="a")) == ("b",)
    assert begun(looked(plan, "a:Success x:Success", changed="x")) == ("y",)
    assert begun(looked(plan, "a:Success x:Success", changed="")) == ()
    assert begun(looked(plan, "a:Success x:Success", changed="gone")) == ()


def test_what_changed_settles_far_away() -> None:
    """The look follows what settles, however far that is from the change."""
    plan = drawn_plan("a >> b >> c >> d; x")
    assert told(looked(plan, "a:Failed", changed="a")) == (
        "",
        "a:Failed b:UpstreamFailed c:UpstreamFailed d:UpstreamFailed",
    )


def test_the_order_of_writing_is_against_the_edges() -> None:
    """Tasks are judged by the graph, so one look is enough all the same."""
    went = looked(drawn_plan("d; c; b; a; a >> b >> c >> d"), "a:Failed")
    assert went.settled == dict.fromkeys("bcd", TaskState.UPSTREAM_FAILED)


def test_a_run_that_stops() -> None:
    """Nothing starts, and what has no TaskRun is skipped; what has one keeps its state."""
    went = looked(drawn_plan("a >> [b, c] >> d"), "a:Success b:Running", ending=CANCELLED)
    assert told(went) == ("", "a:Success b:Running c:Skipped d:Skipped")
    assert went.settled == dict.fromkeys("cd", TaskState.SKIPPED)


def test_tasks_that_settled_before() -> None:
    """They keep their state and are not named again."""
    went = looked(drawn_plan("a >> b >> c"), "a:Failed", Settled(upstream_failed=("b",)))
    assert went.settled == {"c": TaskState.UPSTREAM_FAILED}


def test_a_task_run_of_no_task() -> None:
    """It is passed over: the run ends when its own tasks have."""
    went = looked(drawn_plan("a"), "a:Success ghost:Running")
    assert went.is_finished
    assert not looked(drawn_plan("a; b"), "a:Success b:Running ghost:Success").is_finished
