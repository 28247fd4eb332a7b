"""What a user says about attempts: codes that skip, rules for failures, more memory; and slots that are given back."""

from controller.errors import Unavailable
from controller.model.action import Kind
from controller.model.timestamps import parse_time
from controller.simulate.kubelet import Work
from tests.scenarios.asking import clear, mark
from tests.scenarios.story import Story, fails, succeeds

OOM = Work(exit_code=137, reason="OOMKilled")


async def test_another_code_that_skips() -> None:
    """The codes that the task names skip it, and 99 does not any more."""
    story = Story({"a": fails(7), "b": fails(99), "c": fails(99)})
    story.dag("a; b; c", defaults={"skipExitCodes": [7, 8]}, tasks={"c": {"skipExitCodes": []}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Skipped", "b": "Failed", "c": "Failed"}


async def test_rules_for_failures() -> None:
    """Each code has its own end: no second try, a skip, a delay of its own, or what the task has for all others."""
    works: dict[str, Work | list[Work]] = {
        "a": fails(1),
        "b": fails(2),
        "c": [fails(3), succeeds()],
        "d": [fails(4), succeeds()],
    }
    rules = [
        {"exitCodes": [1], "action": "fail"},
        {"exitCodes": [2], "action": "skip"},
        {"exitCodes": [3], "action": "retry", "delay": "7s"},
    ]
    story = Story(works)
    story.dag("a; b; c; d", defaults={"retries": 2, "retryDelay": "60s", "retryRules": rules})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed", "b": "Skipped", "c": "Success", "d": "Success"}
    assert story.pods.count("r-a-1") + story.pods.count("r-a-2") == 1
    assert story.status("a")["message"] == "The task ended with exit code 1 (retryRules[0] says fail)"
    for task, delay in (("c", 7), ("d", 60)):
        first, second = story.status(task)["attempts"]
        assert (parse_time(second["startedAt"]) - parse_time(first["finishedAt"])).total_seconds() == delay


async def test_a_rule_does_not_exceed_the_retries() -> None:
    """The budget is the budget."""
    story = Story({"a": fails(3)})
    story.dag("a", defaults={"retries": 1, "retryRules": [{"action": "retry", "delay": "1s"}]})
    story.trigger()
    await story.run()
    assert story.pods == ["r-a-1", "r-a-2"]


async def test_evictions_that_a_rule_spaces_out() -> None:
    """A rule by reason reaches faults that are not the task's too; they still spend none of its retries."""
    story = Story({"a": [Work(exit_code=137, pod_reason="Evicted"), succeeds()]})
    story.dag("a", defaults={"retryRules": [{"reasons": ["Evicted"], "action": "retry", "delay": "30s"}]})
    story.trigger()
    await story.run()
    assert (story.states()["a"], story.failures("a"), story.took()) == ("Success", (0, 1, 0), 32)


def memory(story: Story, attempt: int) -> dict[str, str]:
    """What container main of the attempt asked for and was limited to."""
    resources = story.get(Kind.POD, f"r-a-{attempt}")["spec"]["containers"][0]["resources"]
    return {field: amounts["memory"] for field, amounts in resources.items()}


async def test_more_memory_after_each_kill() -> None:
    """The account tells what each attempt had, and other failures add nothing; a clear starts from the last."""
    story = Story({"a": [OOM, OOM, fails(1), OOM, succeeds(), succeeds()]})
    settings = {
        "retries": 4,
        "retryDelay": "1s",
        "resources": {"limits": {"memory": "1Gi", "cpu": "1"}, "requests": {"memory": "512Mi"}},
        "onOOM": {"memoryFactor": 2, "max": "6Gi"},
    }
    story.dag("a", defaults=settings)
    story.trigger()
    await story.run()
    told = [(each["reason"], each["memory"]) for each in story.status("a")["attempts"]]
    assert told == [
        ("OOMKilled", "1Gi"),
        ("OOMKilled", "2Gi"),
        ("Error", "4Gi"),
        ("OOMKilled", "4Gi"),
        ("Completed", "6Gi"),
    ]
    assert memory(story, 1) == {"limits": "1Gi", "requests": "512Mi"}
    assert memory(story, 4) == {"limits": "4Gi", "requests": "2Gi"}
    assert memory(story, 5) == {"limits": "6Gi", "requests": "4Gi"}
    assert story.get(Kind.POD, "r-a-5")["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "1"
    clear(story, "a")
    await story.run()
    assert story.status("a")["attempts"][-1]["memory"] == "6Gi"


# ---- a task that is told otherwise before its Pod comes to be -------------------------------------------------------


def unanswered(story: Story) -> None:
    """From now on nothing is heard of Pods that are created."""

    def fail(verb: str, kind: Kind | None) -> None:
        if (verb, kind) == ("create", Kind.POD):
            raise Unavailable("the API server does not answer")

    story.world.controller.session.before_write = fail


async def waiting_for_its_pod() -> Story:
    """`a` has ended, and `b` was let through by the gate of one place; its Pod can't be created."""
    story = Story({"a": succeeds(5)}, parallelism=1)
    story.dag("a >> b; c", tasks={"c": {"priorityWeight": -9, "weightRule": "absolute"}})
    story.trigger()
    await story.run(3)
    unanswered(story)
    await story.run(10)
    assert story.pods == ["r-a-1"]
    assert len(story.world.controller.store.line.starting) == 1
    return story


async def test_a_hold_gives_the_place_back() -> None:
    """`b` holds as `a` is cleared with it, and `a` gets the only place there is."""
    story = await waiting_for_its_pod()
    clear(story, "a", downstream=True)
    await story.run(10)
    story.world.controller.session.before_write = lambda verb, kind: None
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}
    assert [pod for pod in story.pods if "-c-" not in pod] == ["r-a-1", "r-a-2", "r-b-1"]
    assert story.world.controller.store.line.holders.total() == 0


async def test_a_mark_gives_the_place_back() -> None:
    """`b` is skipped by hand, and `c` runs."""
    story = await waiting_for_its_pod()
    mark(story, "skipped", "b")
    await story.run(60)
    assert story.status("b")["state"] == "Skipped"
    assert story.world.controller.store.line.starting <= {("team", "r-c")}
    story.world.controller.session.before_write = lambda verb, kind: None
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Skipped", "c": "Success"}
    assert story.pods == ["r-a-1", "r-c-1"]
