"""Why something does not run, from rows: what `slipway why` says of the live objects, and its ways on."""

import pytest

from controller.cli.why import explain
from controller.decide.why.reason import Reason
from controller.metastore.queries import open_session
from controller.model.action import Kind
from controller.model.pod import parse_pod
from controller.observe.parse import parse
from controller.simulate.kubelet import Work
from controller.web.problems import Missing
from controller.web.queries.reasons import Why
from controller.web.queries.why import why_run, why_task
from tests.cli.test_why import look
from tests.metastore.recording import RecordingWriter
from tests.scenarios.asking import clear
from tests.scenarios.story import SPACE, Story, fails, succeeds
from tests.web.conftest import Web
from tests.web.objects import A, meta

Told = list[tuple[str, str, str | None]]


def asked(
    blank: RecordingWriter, story: Story, task: str | None = None, *, run: str = "r", index: int | None = None
) -> Why:
    """What the rows of the story's cluster tell."""
    for kind in Kind:
        for raw in story.cluster.all_of(kind):
            observed = parse(kind, raw)
            if observed is not None and kind is not Kind.APPROVAL:
                blank.observed(observed)
    blank.flushed()
    now = story.world.clock.now
    with open_session(blank.url) as session:
        found = why_run(session, SPACE, run, now) if task is None else why_task(session, SPACE, run, task, index, now)
    assert found is not None
    return found


def told(found: Why) -> Told:
    """Code, sentence and task of each reason."""
    return [(each.code, each.text, each.task) for each in found.reasons]


async def live(story: Story, task: str | None = None, run: str = "r") -> Told:
    """What the command says of the live objects."""
    return [(each.reason, each.message, each.instance) for each in explain(await look(story), run, task)]


async def test_trigger_rules(blank: RecordingWriter) -> None:
    """Of each task, and of the run as a whole."""
    story = Story({"a": succeeds(), "b": succeeds(100)})
    story.dag("[a, b] >> c >> d")
    story.trigger()
    await story.run(10)
    for task in ("a", "b", "c", "d", None):
        found = asked(blank, story, task)
        assert told(found) == await live(story, task)
    assert asked(blank, story, "b").running
    assert not asked(blank, story, "c").running
    (first, *_) = asked(blank, story, "c").reasons
    assert first.object is not None
    assert (first.object.kind, first.object.namespace, first.object.name) == ("Task", SPACE, "c")


async def test_a_full_pool(blank: RecordingWriter) -> None:
    """The place in the queue, who holds the slots, and what to do."""
    story = Story({"a": succeeds(100)})
    story.apply(Kind.POOL, "db", {"slots": 1})
    story.dag("[a, b, c]", defaults={"pool": "db"}, tasks={"a": {"priorityWeight": 9}, "b": {"priorityWeight": 5}})
    story.trigger()
    await story.run(10)
    for task in ("b", "c"):
        assert told(asked(blank, story, task)) == await live(story, task)
    first = asked(blank, story, "c").reasons[0]
    assert (first.code, first.way_on) == ("Pool", "Raise the slots of the pool, or wait until some come free")
    assert first.object is not None
    assert (first.object.kind, first.object.name) == ("Pool", "db")
    assert first.since is not None


async def test_a_retry(blank: RecordingWriter) -> None:
    """Until when it waits."""
    story = Story({"a": fails()})
    story.dag("a", defaults={"retries": 1, "retryDelay": "60s"})
    story.trigger()
    await story.run(10)
    assert told(asked(blank, story, "a")) == await live(story, "a")
    (retry,) = asked(blank, story, "a").reasons
    assert retry.until is not None
    assert retry.until > story.world.clock.now


async def test_a_pod_that_does_not_start(blank: RecordingWriter) -> None:
    """What Kubernetes says of it."""
    story = Story({"a": Work(waiting="ImagePullBackOff"), "b": Work(has_node=False)})
    story.dag("[a, b]")
    story.trigger()
    await story.run(100)
    for task, reason in (("a", "ImagePull"), ("b", "Unschedulable")):
        assert told(asked(blank, story, task))[0] == (await live(story, task))[0]
        assert asked(blank, story, task).reasons[0].code == reason


async def test_a_mapping(blank: RecordingWriter) -> None:
    """Before its list is known, while its window is full, one instance, and a join behind it."""
    story = Story({"find": succeeds(10, "[1,2,3]"), "load": succeeds(100)})
    over = {"map": {"over": "{{ tasks.find.output }}", "window": 2}}
    story.dag("find >> load >> join", tasks={"load": over})
    story.trigger()
    await story.run(5)
    assert told(asked(blank, story, "load")) == await live(story, "load")
    await story.run(10)
    for task in ("load", "join", None):
        assert told(asked(blank, story, task)) == await live(story, task)
    assert told(asked(blank, story, "load", index=2)) == await live(story, "load[2]")
    with pytest.raises(Missing, match="task load has 3 instances"):
        asked(blank, story, "load", index=3)


async def test_the_run_before(blank: RecordingWriter) -> None:
    """The task of the run before that has not succeeded."""
    story = Story({"a": fails()})
    story.dag("a", defaults={"dependsOnPast": True})
    story.trigger("r1", logicalDate="2026-01-01T00:00:00Z")
    story.trigger("r2", logicalDate="2026-01-02T00:00:00Z")
    await story.run(10)
    wanted = ("PreviousRun", "Task a has not succeeded in the run before, r1", "a")
    assert wanted in told(asked(blank, story, "a", run="r2"))


async def test_a_task_that_was_cleared(blank: RecordingWriter) -> None:
    """It is held until what is before it has run again."""
    story = Story({"a": [succeeds(), succeeds(100)]})
    story.dag("a >> b")
    story.trigger()
    await story.run()
    clear(story, tasks=["a"], downstream=True)
    await story.run(10)
    assert told(asked(blank, story, "b")) == await live(story, "b")


async def test_runs_that_have_not_begun(blank: RecordingWriter) -> None:
    """A limit with the runs that stand in the way, a Dag that is paused or at fault, and one that is not there."""
    story = Story({"a": succeeds(100)})
    story.dag("a", concurrency={"maxActiveRuns": 1})
    story.dag("a", name="bad", tasks={"a": {"dependsOn": ["nobody"]}})
    story.trigger("r1")
    await story.run(3)
    story.trigger("r2")
    story.trigger("lost", dag="no-such")
    story.trigger("ill", dag="bad")
    await story.run(10)
    for run in ("r2", "lost", "ill"):
        assert told(asked(blank, story, run=run)) == await live(story, run=run)
        assert told(asked(blank, story, "a", run=run)) == await live(story, "a", run)
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(10)
    assert told(asked(blank, story, run="r1"))[0] == (await live(story, run="r1"))[0]


async def test_ends_and_cancels(blank: RecordingWriter) -> None:
    """How it ended; what cancels it."""
    story = Story({"a": fails()})
    story.dag("a >> b")
    story.trigger()
    await story.run()
    for task in ("a", None):
        assert told(asked(blank, story, task))[-1] == (await live(story, task))[-1]
    assert told(asked(blank, story, "b"))[0][0] == "Ended"


async def test_a_run_that_could_not_begin(blank: RecordingWriter) -> None:
    """A task of it does not run because the run has ended, though it has no revision."""
    story = Story()
    story.dag("a", params={"day": {"type": "string", "default": "monday"}})
    story.trigger(params={"day": 7})
    await story.run()
    assert story.run_status()["state"] == "Failed"
    for task in ("a", None):
        ((code, text, _),) = told(asked(blank, story, task))
        assert code == "Ended"
        assert "day" in text


async def test_a_pod_with_much_to_say(web: Web) -> None:
    """Words of Kubernetes that are longer than a status may hold are no error."""
    labels = {"slipway.dev/task": "report", "slipway.dev/try": "1"}
    about = meta(A, "etl-11-report-1", 60, labels=labels, owner=f"{A}/etl-11-report")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room " * 500}
    web.record(parse_pod(about, {"spec": {}, "status": {"phase": "Pending", "conditions": [condition]}}))
    answer = await web.admin.get(f"/api/v1/namespaces/{A}/runs/etl-11/tasks/report/why")
    assert answer.status == 200
    assert answer.json()["reasons"][0]["code"] == "Starting"


async def test_the_answer(web: Web) -> None:
    """As JSON, to whom may see the run or the task."""
    base = f"/api/v1/namespaces/{A}/runs/etl-11"
    found = (await web.client("alice").get(f"{base}/tasks/extract/why")).json()
    assert found["running"] is True
    assert found["reasons"][0] == {
        "code": "Running",
        "text": "Attempt 1 is at work",
        "task": "extract",
        "object": {"kind": "Pod", "namespace": A, "name": "etl-11-extract-1"},
        "since": found["reasons"][0]["since"],
        "until": None,
        "wayOn": None,
    }
    run = (await web.client("alice").get(f"{base}/why")).json()
    assert [each["task"] for each in run["reasons"]] == ["extract", "part", "report"]
    assert (await web.admin.get(f"{base}/tasks/no-such/why")).status == 404
    assert (await web.admin.get(f"{base}-no-such/why")).status == 404
    assert (await web.admin.get(f"{base}/tasks/part/why", {"index": "7"})).status == 404


def test_ways_on_are_for_reasons_that_can_be_helped() -> None:
    """A task at work needs none."""
    assert Reason("Running", "pod/a", "").way_on is None
    assert Reason("Paused", "dag/a", "").way_on == "Set spec.paused to false"
