"""A mapping over a list in the artifact store: what is read, what is waited for, and what ends the mapped task."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.decide.advance.expand import MOST_ITEM_CHARS, work_out
from controller.decide.advance.scene import Scene
from controller.decide.artifacts import again_at, key_fault
from controller.decide.run import decide_run
from controller.model.action import CreateTaskRun, Decision, DirectTask, ReadArtifact
from controller.model.artifacts import Artifact, Reading
from controller.model.snapshot import RunSnapshot
from controller.model.standing import Look
from tests.decide.drawing import drawn_plan, drawn_spec
from tests.decide.objects import NOW, after, run_snapshot, running, standing, task_run, written

KEY = "team/etl/etl-1/a/1/files.json"
OTHER = "team/etl/etl-1/b/1/files.json"
REFERENCE = {"state": "Success", "output": json.dumps({"$artifact": KEY})}
MAPPED = {"m": {"map": {"over": "{{ tasks.a.output }}", "window": 1}}}
DOWN = Reading(trouble="the artifact store can't be read: connection refused")


def listed(*items: Any) -> Reading:
    """A list that was read."""
    return Reading(items=items, chars=9, longest=max((len(json.dumps(each)) for each in items), default=0))


def brought(**readings: Reading) -> dict[str, Artifact]:
    """What was read: `key`, and `other`."""
    keys = {"key": KEY, "other": OTHER}
    return {keys[name]: Artifact(each, NOW, 1 if each.trouble else 0) for name, each in readings.items()}


def seen(artifacts: Mapping[str, Artifact], status: dict[str, Any] | None = None, **more: Any) -> RunSnapshot:
    """Task a has ended with a reference; `more` are fields of the snapshot."""
    spec = drawn_spec("a >> m", MAPPED)
    return run_snapshot(spec, running(spec, status), {"a": REFERENCE}, artifacts=artifacts, **more)


def reads(decision: Decision) -> list[str]:
    """The keys that are read."""
    return [each.key for each in decision.actions if isinstance(each, ReadArtifact)]


def starts(decision: Decision) -> list[tuple[str, str | None]]:
    """The instances that begin, with their elements."""
    return [
        (f"{each.spec.task}[{each.spec.index}]", each.spec.item)
        for each in decision.actions
        if isinstance(each, CreateTaskRun)
    ]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (KEY, ""),
        ("team/é ü.json", ""),
        (None, "is a text of 1 to 1,024 characters"),
        ("", "is a text of 1 to 1,024 characters"),
        ("team/" + "x" * 1020, "is a text of 1 to 1,024 characters"),
        ("/team/x", "is no key of an artifact"),
        ("team", "is no key of an artifact"),
        ("team//x", "is no key of an artifact"),
        ("team/x/", "is no key of an artifact"),
        ("team/../other/x", "is no key of an artifact"),
        ("team/./x", "is no key of an artifact"),
        ("team\\x/y", "is no key of an artifact"),
        ("team/x\n", "is no key of an artifact"),
        ("team/\0", "is no key of an artifact"),
        ("team/\ud800", "is no key of an artifact"),
        ("s3://team/x", "is no key of an artifact"),
        ("file:///etc/passwd", "is no key of an artifact"),
        ("other/x", "does not belong to namespace team: its key would begin with team/"),
        ("teams/x", "does not belong to namespace team"),
    ],
)
def test_keys(key: Any, told: str) -> None:
    """Only names under the namespace's own are keys, so that no run reads what another namespace keeps."""
    fault = key_fault(key, "team")
    assert told in fault
    assert bool(fault) == bool(told)


def test_the_first_look() -> None:
    """The list is read, and the mapped task waits; the run is not deadlocked."""
    decision = decide_run(seen({}), NOW)
    assert (reads(decision), starts(decision)) == ([KEY], [])
    assert "waitingFor" not in written(decision)


def test_a_list() -> None:
    """Its elements begin, as many as the window lets through."""
    decision = decide_run(seen(brought(key=listed({"x": 1}, 2))), NOW)
    assert (reads(decision), starts(decision)) == ([], [("m[0]", '{"x":1}')])
    assert written(decision)["expansions"] == {"m": 2}


def test_an_empty_list() -> None:
    """Nothing runs, as with an empty list in an output."""
    assert written(decide_run(seen(brought(key=listed())), NOW))["settled"] == {"skipped": ["m"]}


def test_an_artifact_that_is_missing() -> None:
    """The mapped task fails with what is wrong."""
    status = written(decide_run(seen(brought(key=Reading(fault="does not exist"))), NOW))
    assert status["settled"] == {"failed": ["m"]}
    assert status["notes"] == {"m": f"The mapping of m can't be worked out: artifact {KEY} does not exist"}


def test_a_key_of_another_namespace() -> None:
    """Nothing is read, and the task fails."""
    spec = drawn_spec("a >> m", MAPPED)
    output = {"state": "Success", "output": json.dumps({"$artifact": "other/x"})}
    decision = decide_run(run_snapshot(spec, running(spec), {"a": output}), NOW)
    assert (reads(decision), written(decision)["settled"]) == ([], {"failed": ["m"]})


def test_a_store_that_does_not_answer() -> None:
    """The run says what it waits for, and the store is asked again in its time; also where nothing else changed."""
    snapshot = seen(brought(key=DOWN), changed=frozenset())
    decision = decide_run(snapshot, after(3))
    [waiting] = written(decision)["waitingFor"]
    sentence = f"The mapping of m waits for artifact {KEY}: the artifact store can't be read: connection refused"
    assert (waiting["reason"], waiting["message"]) == ("Artifact", sentence)
    assert (reads(decision), decision.wake_at) == ([], after(5))
    assert reads(decide_run(snapshot, after(5))) == [KEY]


def test_trouble_that_lasts() -> None:
    """The pauses grow up to two minutes."""
    pauses = [(again_at(Artifact(DOWN, NOW, tries)) - NOW) / timedelta(seconds=1) for tries in (1, 2, 3, 6, 99)]
    assert pauses == [5, 10, 20, 120, 120]


def test_a_restart_between_two_elements() -> None:
    """The next element waits until the list was read again, and is the one that it was."""
    spec = drawn_spec("a >> m", MAPPED)
    run = running(spec, {"expansions": {"m": 2}})
    made = {
        "a": task_run("a", REFERENCE),
        "m[0]": task_run("m", {"state": "Success"}, {"index": 0, "item": "1"}),
    }
    snapshot = replace(seen({}), run=run, task_runs=made, standing=standing(run, made))
    decision = decide_run(snapshot, NOW)
    assert (reads(decision), starts(decision)) == ([KEY], [])
    assert starts(decide_run(replace(snapshot, artifacts=brought(key=listed(1, 2))), NOW)) == [("m[1]", "2")]
    changed = written(decide_run(replace(snapshot, artifacts=brought(key=listed(1, 2, 3))), NOW))
    assert changed["settled"] == {"failed": ["m[1]"]}
    assert changed["notes"] == {"m[1]": "The mapping of m had 2 elements, but its artifact has 3 now"}


def test_an_element_that_begins_anew() -> None:
    """It keeps what its TaskRun says where the list is gone."""
    spec = drawn_spec("a >> m", MAPPED)
    run = running(spec, {"expansions": {"m": 1}, "round": 1})
    made = {
        "a": task_run("a", REFERENCE),
        "m[0]": task_run("m", {"state": "Success"}, {"index": 0, "item": "1", "verdict": "Hold"}),
    }
    gone = brought(key=Reading(fault="does not exist"))
    snapshot = replace(seen(gone), run=run, task_runs=made, standing=standing(run, made))
    told = [each for each in decide_run(snapshot, NOW).actions if isinstance(each, DirectTask)]
    assert [(each.verdict, each.item) for each in told] == [("Run", "1")]


def scene_of(first: Reading, second: Reading | None = None) -> Scene:
    """A product of the lists of a and b, or a mapping over that of a."""
    over = [{"name": name, "over": f"{{{{ tasks.{name}.output }}}}"} for name in ("a", "b")]
    mapping = {"product": over} if second is not None else {"over": over[0]["over"]}
    outputs = {
        task: {"state": "Success", "output": json.dumps({"$artifact": key})} for task, key in (("a", KEY), ("b", OTHER))
    }
    spec = drawn_spec("[a, b] >> m")
    artifacts = brought(key=first, **({"other": second} if second is not None else {}))
    snapshot = run_snapshot(spec, running(spec), outputs, artifacts=artifacts)
    return Scene(snapshot, drawn_plan("[a, b] >> m", {"m": {"map": mapping}}), Look(snapshot.standing))


def test_a_product_of_two_lists() -> None:
    """All that are not there yet are wanted at once; then there is every combination."""
    found = work_out(scene_of(DOWN, DOWN), "m")
    assert (found.items, found.ends_as, found.wants) == (None, None, (KEY, OTHER))
    assert found.reason == f"The mapping of m waits for artifact {KEY} to be read"
    assert work_out(scene_of(listed(1), listed(2, 3)), "m").items == ({"a": 1, "b": 2}, {"a": 1, "b": 3})


def test_long_elements() -> None:
    """What a TaskRun can't hold fails the mapping, alone or together."""
    long = Reading(items=("x",), longest=MOST_ITEM_CHARS + 1)
    assert "has 32,769 characters, 32,768 are the most" in work_out(scene_of(long), "m").reason
    most = Reading(items=("x",), longest=MOST_ITEM_CHARS)
    assert work_out(scene_of(most), "m").items == ("x",)
    half = Reading(items=("x",), longest=MOST_ITEM_CHARS // 2)
    assert work_out(scene_of(half, half), "m").ends_as == "Failed"
