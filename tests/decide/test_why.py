"""Why something does not run, where a story on a cluster would hardly pass by."""

from collections.abc import Mapping
from typing import Any

from controller.decide.validity import judge_spec
from controller.decide.why.of_run import RunView, run_reasons
from controller.decide.why.of_task import MOST_TASKS, TaskView, no_revision, task_reasons, tasks_reasons
from controller.decide.why.unbegun import scene_of
from controller.model.dag import canonical_json
from controller.model.schema import Waiting
from controller.model.taskrun import TaskRun
from tests.decide.drawing import drawn_spec
from tests.decide.objects import NOW, run, run_snapshot, running, task_run, told
from tests.decide.runs import queued

FIFTY_AND_TWO = "[" + ", ".join(f"a{number}" for number in range(52)) + "]"


def view(task_run: TaskRun) -> TaskView:
    """A task that is not held and waits for nothing, without a Pod."""
    return TaskView(task_run, is_held=False)


def why(
    spec: Mapping[str, Any], task: str | None = None, stand: Mapping[str, str] | None = None, **status: Any
) -> list[tuple[str, str]]:
    """Reason and sentence of a task, or of all tasks of a run."""
    plan = judge_spec(canonical_json(spec)).plan
    assert plan is not None
    of = running(spec, status)
    scene = scene_of(run_snapshot(spec, of, {name: {"state": state} for name, state in (stand or {}).items()}), plan)
    found = tasks_reasons(scene, view) if task is None else task_reasons(scene, task, view)
    return [(each.reason, each.message) for each in found]


def test_a_run_that_is_being_deleted() -> None:
    """Nothing else matters then."""
    (found,) = run_reasons(RunView(run(deletionTimestamp=told())))
    assert (found.reason, found.message, found.since) == ("Deleting", "The run is being deleted", NOW)


def test_a_run_that_is_about_to_begin() -> None:
    """It waits for nothing but the next look."""
    (found,) = run_reasons(RunView(queued()))
    assert (found.reason, found.object) == ("Due", "dagrun/etl-1")


def test_a_run_without_a_revision_has_no_tasks() -> None:
    """The sentence names the run."""
    assert str(no_revision(run())) == "run etl-1 has no revision of its Dag yet"


def test_more_tasks_than_anybody_reads() -> None:
    """The first fifty one by one, and how many more there are."""
    found = why(drawn_spec(FIFTY_AND_TWO))
    assert len(found) == MOST_TASKS + 1
    assert found[-1] == ("More", "2 more tasks have not ended")


def test_many_upstreams_that_are_missing() -> None:
    """Twenty by name, and how many more."""
    found = why(drawn_spec(f"{FIFTY_AND_TWO} >> last"), "last")
    assert [reason for reason, _ in found] == ["TriggerRule", *["Upstream"] * 21]
    assert found[-1] == ("Upstream", "32 more are missing")


def test_a_task_that_is_about_to_end_without_running() -> None:
    """The rule is broken already: it is settled at the next look."""
    ((reason, message),) = why(drawn_spec("a >> b"), "b", {"a": "Failed"})
    assert reason == "Due"
    assert message.startswith("It ends as upstream_failed at the controller's next look: ")


def test_a_task_that_waits_for_nothing() -> None:
    """Begun or not: it is the controller's turn."""
    at_next_look = ("Due", "Nothing stands in its way: it begins at the next look")
    assert why(drawn_spec("a"), "a") == [at_next_look]
    seen_to = ("Due", "Nothing stands in its way: the controller sees to it at its next look")
    assert why(drawn_spec("a"), "a", {"a": "Scheduled"}) == [seen_to]


def test_a_full_pool_whose_queue_is_not_known() -> None:
    """The pool is told alone."""
    full = Waiting(reason="Pool", message="Pool default is full", since=NOW)
    begun = task_run("a", {"state": "Scheduled"})
    plan = judge_spec(canonical_json(drawn_spec("a"))).plan
    assert plan is not None
    scene = scene_of(run_snapshot(drawn_spec("a"), running(drawn_spec("a")), {"a": {"state": "Scheduled"}}), plan)
    (found,) = task_reasons(scene, "a", lambda _: TaskView(begun, is_held=False, waits=[full]))
    assert (found.reason, found.object) == ("Pool", "pool/default")


def test_a_mapping_that_has_not_been_worked_out() -> None:
    """It waits for the value, which is there; or for an artifact, which has to be read first."""
    plain = drawn_spec("m", tasks={"m": {"map": {"over": [1, 2]}}})
    assert why(plain, "m") == [("Due", "Nothing stands in its way: it begins at the next look")]
    assert why(plain, "m[1]", expansions={"m": 2}) == why(plain, "m")
    stored = drawn_spec("m", tasks={"m": {"map": {"over": {"$artifact": "team/list"}}}})
    assert why(stored, "m") == [("Mapping", "The mapping of m waits for artifact team/list to be read")]


def test_a_mapping_that_has_ended_before_others() -> None:
    """Only what is missing is told of a join behind two mappings."""
    maps = {name: {"map": {"over": [1]}} for name in ("m", "n")}
    spec = drawn_spec("[m, n] >> join", tasks=maps)
    found = why(spec, "join", expansions={"m": 1, "n": 1}, settled={"success": ["m[0]"]})
    assert found[1:] == [("Upstream", "1 of 1 instances of task n have not ended")]
