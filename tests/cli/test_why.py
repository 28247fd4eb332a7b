"""`slipway why` on clusters in which something waits: the reasons, in their order."""

from typing import Any

import pytest

from controller.cli.why import explain
from controller.cli.why.found import Found, fetch, found_in
from controller.errors import NotFound, SlipwayError
from controller.model.action import Kind
from controller.simulate.cluster import InMemoryCluster, Raw
from controller.simulate.kubelet import Work
from tests.scenarios.asking import clear
from tests.scenarios.story import SPACE, Story, fails, succeeds


class Listing:
    """Lists a cluster in memory, as a session with the API server does."""

    def __init__(self, cluster: InMemoryCluster, unknown: Kind | None = None) -> None:
        self._cluster = cluster
        self._unknown = unknown

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """Every object of a kind."""
        if kind is self._unknown:
            raise NotFound(f"the cluster knows no {kind.value}")
        return [raw for raw in self._cluster.all_of(kind) if raw["metadata"]["namespace"] == namespace]


async def look(story: Story) -> Found:
    """The story's cluster, as the command finds it."""
    return found_in(await fetch(Listing(story.cluster), SPACE), SPACE, story.world.clock.now)


async def why(story: Story, task: str | None = None, run: str = "r") -> list[tuple[str, str, str]]:
    """Reason, object and sentence."""
    return [(each.reason, each.object, each.message) for each in explain(await look(story), run, task)]


async def test_a_trigger_rule() -> None:
    """The upstream that is missing is named, with where it stands."""
    story = Story({"a": succeeds(), "b": succeeds(100)})
    story.dag("[a, b] >> c >> d")
    story.trigger()
    await story.run(10)
    assert await why(story, "c") == [
        ("TriggerRule", "task/c", "Trigger rule all_success waits for 1 of 2 upstream tasks"),
        ("Upstream", "task/b", "Task b is running"),
    ]
    assert await why(story, "d") == [
        ("TriggerRule", "task/d", "Trigger rule all_success waits for 1 of 1 upstream tasks"),
        ("Upstream", "task/c", "Task c has not begun"),
    ]
    assert await why(story, "b") == [("Running", "pod/r-b-1", "Attempt 1 is at work")]
    assert await why(story, "a") == [("Ended", "taskrun/r-a", "It ended as success")]
    assert [(each, about) for each, about, _ in await why(story)] == [
        ("Running", "pod/r-b-1"),
        ("TriggerRule", "task/c"),
        ("TriggerRule", "task/d"),
    ]


async def test_a_full_pool() -> None:
    """The place in the queue and who holds the slots."""
    story = Story({"a": succeeds(100)})
    story.apply(Kind.POOL, "db", {"slots": 1})
    story.dag("[a, b, c]", defaults={"pool": "db"}, tasks={"a": {"priorityWeight": 9}, "b": {"priorityWeight": 5}})
    story.trigger()
    await story.run(10)
    assert await why(story, "c") == [
        ("Pool", "pool/db", "Waiting for 1 of 1 slots in pool db"),
        ("Queue", "pool/db", "The task is number 2 of 2 that wait for the pool"),
        ("Holders", "pool/db", "1 slot is held by r-a"),
    ]


async def test_several_reasons() -> None:
    """All of them are told, the first one to look at on top, with since when the cluster knows it."""
    story = Story({"a": fails()})
    story.dag("a", defaults={"retries": 1, "retryDelay": "60s", "pool": "nowhere"})
    story.apply(Kind.POOL, "nowhere", {"slots": 5})
    story.trigger()
    await story.run(10)
    story.delete(Kind.POOL, "nowhere")
    story.edit(Kind.DAG, "d", paused=True)
    await story.run(10)
    assert [(each, about) for each, about, _ in await why(story, "a")] == [
        ("Paused", "dag/d"),
        ("RetryAt", "taskrun/r-a"),
        ("Paused", "dagrun/r"),
        ("Pool", "pool/nowhere"),
        ("Queue", "pool/nowhere"),
    ]
    retry = next(each for each in explain(await look(story), "r", "a") if each.reason == "RetryAt")
    assert retry.message == "The next attempt is due at 2026-01-01T00:01:01Z"
    assert retry.since is not None


async def test_a_pod_that_does_not_start() -> None:
    """What Kubernetes says of it."""
    story = Story({"a": Work(waiting="ImagePullBackOff"), "b": Work(has_node=False)})
    story.dag("[a, b]")
    story.trigger()
    await story.run(100)
    assert [each[0] for each in await why(story, "a")] == ["ImagePull"]
    assert [each[0] for each in await why(story, "b")] == ["Unschedulable"]


async def test_a_mapping() -> None:
    """Before its list is known, while its window is full, and an instance by name."""
    story = Story({"find": succeeds(10, "[1,2,3]"), "load": succeeds(100)})
    story.dag("find >> load", tasks={"load": {"map": {"over": "{{ tasks.find.output }}", "window": 2}}})
    story.trigger()
    await story.run(5)
    assert [each[0] for each in await why(story, "load")] == ["TriggerRule", "Upstream"]
    await story.run(10)
    assert [each[0] for each in await why(story, "load")] == ["Running", "Running", "MappingWindow"]
    assert await why(story, "load[2]") == [
        ("MappingWindow", "task/load", "2 of 2 instances of task load are at work, as many as its window lets")
    ]
    with pytest.raises(SlipwayError, match="task load has 3 instances"):
        await why(story, "load[3]")


async def test_a_join_behind_a_mapping() -> None:
    """Its instances are counted."""
    story = Story({"load": succeeds(100)})
    story.dag("load >> join", tasks={"load": {"map": {"over": [1, 2]}}})
    story.trigger()
    await story.run(5)
    assert (await why(story, "join"))[1:] == [("Upstream", "task/load", "2 of 2 instances of task load have not ended")]


async def test_the_run_before() -> None:
    """The task of the run before that has not succeeded."""
    story = Story({"a": fails()})
    story.dag("a", defaults={"dependsOnPast": True})
    story.trigger("r1", logicalDate="2026-01-01T00:00:00Z")
    story.trigger("r2", logicalDate="2026-01-02T00:00:00Z")
    await story.run(10)
    assert ("PreviousRun", "dagrun/r1", "Task a has not succeeded in the run before, r1") in await why(story, "a", "r2")


async def test_a_task_that_was_cleared() -> None:
    """It is held until what is before it has run again."""
    story = Story({"a": [succeeds(), succeeds(100)]})
    story.dag("a >> b")
    story.trigger()
    await story.run(10)
    clear(story, "a", downstream=True)
    await story.run(10)
    assert [each[0] for each in await why(story, "b")] == ["Held", "TriggerRule", "Upstream"]


async def test_a_task_that_was_skipped() -> None:
    """Why it is not run at all."""
    story = Story({"a": fails()})
    story.dag("a >> b", tasks={"b": {"triggerRule": "all_success"}})
    story.trigger()
    await story.run(10)
    assert (await why(story))[0][:2] == ("Ended", "dagrun/r")
    assert await why(story, "b") == [
        ("Ended", "dagrun/r", "The run ended as Failed: Task a failed: The task ended with exit code 1"),
        ("Ended", "task/b", "It ended as upstream_failed"),
    ]


@pytest.mark.parametrize(
    ("spec", "reason", "about"),
    [
        ({"paused": True}, "Paused", "dag/d"),
        ({"tasks": []}, "DagNotReady", "dag/d"),
        ({"concurrency": {"maxActiveRuns": 1}}, "RunLimit", "dag/d"),
    ],
)
async def test_a_run_that_has_not_begun(spec: dict[str, Any], reason: str, about: str) -> None:
    """What its Dag holds back; a task of it waits for the same."""
    story = Story({"a": succeeds(100)})
    story.dag("a", **{key: value for key, value in spec.items() if key == "concurrency"})
    story.trigger("first")
    await story.run(5)
    if "concurrency" not in spec:
        story.edit(Kind.DAG, "d", **spec)
    story.trigger()
    await story.run(5)
    told = await why(story)
    assert [each[:2] for each in told] == [(reason, about)]
    assert await why(story, "a") == told
    if reason == "RunLimit":
        assert told[0][2] == "1 of 1 runs of the Dag are active (maxActiveRuns): first"


async def test_a_run_without_its_dag() -> None:
    """It waits for the Dag."""
    story = Story()
    story.trigger()
    assert (await why(story))[0][:2] == ("DagMissing", "dag/d")


async def test_a_controller_that_does_not_look() -> None:
    """Then nothing stands in the way, and that is what is said."""
    story = Story()
    story.dag("a")
    story.trigger()
    assert (await why(story))[0][:2] == ("Due", "dag/d")


async def test_a_paused_run() -> None:
    """A run at work that is paused or cancelled says so before its tasks do."""
    story = Story({"a": Work(seconds=100, stop_seconds=100)})
    story.dag("a")
    story.trigger()
    await story.run(5)
    story.edit(Kind.DAG_RUN, "r", paused=True, cancel="graceful")
    await story.run(5)
    assert [each[0] for each in await why(story)][:2] == ["Cancelled", "Paused"]


async def test_what_is_not_there() -> None:
    """One sentence."""
    story = Story()
    story.dag("a")
    story.trigger()
    await story.run(10)
    with pytest.raises(SlipwayError, match="there is no run x in namespace team"):
        await why(story, None, "x")
    with pytest.raises(SlipwayError, match="run r has no task x"):
        await why(story, "x")


async def test_a_cluster_with_older_definitions() -> None:
    """A kind that it does not know has no objects."""
    story = Story()
    story.dag("a")
    objects = await fetch(Listing(story.cluster, unknown=Kind.APPROVAL), SPACE)
    assert [type(each).__name__ for each in objects] == ["Dag"]


async def test_nothing_is_written() -> None:
    """Looking leaves the cluster as it is."""
    story = Story({"a": succeeds(100)})
    story.dag("a >> b")
    story.trigger()
    await story.run(5)
    before: dict[Kind, tuple[Raw, ...]] = {kind: story.cluster.all_of(kind) for kind in Kind}
    await why(story)
    assert {kind: story.cluster.all_of(kind) for kind in Kind} == before
