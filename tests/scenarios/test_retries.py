"""Attempts that fail: whose fault it was, how often and when the task is tried again."""

from datetime import timedelta
from itertools import pairwise

from controller.model.timestamps import parse_time
from controller.simulate.kubelet import Work
from tests.scenarios.story import Story, fails, succeeds


async def test_a_retry_waits_its_delay() -> None:
    """The second attempt starts retryDelay after the end of the first."""
    story = Story({"a": [fails(), succeeds()]})
    story.dag("a >> b", tasks={"a": {"retries": 1, "retryDelay": "60s"}})
    story.trigger()
    await story.run(30)
    assert story.states() == {"run": "Running", "a": "UpForRetry"}
    assert story.status("a")["waitingFor"][0]["reason"] == "RetryAt"
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success"}
    first, second = story.status("a")["attempts"]
    assert parse_time(second["startedAt"]) - parse_time(first["finishedAt"]) == timedelta(seconds=60)
    assert story.failures("a") == (1, 0, 0)


async def test_retries_that_are_used_up() -> None:
    """After retries + 1 attempts the task is Failed, with an account of each."""
    story = Story({"a": fails(7)})
    story.dag("a", tasks={"a": {"retries": 2, "retryDelay": "10s"}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.pods == ["r-a-1", "r-a-2", "r-a-3"]
    assert [attempt["exitCode"] for attempt in story.status("a")["attempts"]] == [7, 7, 7]
    assert story.told().count(("r-a", "TaskRetried")) == 2


async def test_delays_that_grow() -> None:
    """With a backoff of 2 each wait lies between its base and twice that, and the base doubles."""
    story = Story({"a": fails()})
    story.dag("a", tasks={"a": {"retries": 3, "retryDelay": "100s", "retryBackoff": 2}})
    story.trigger()
    await story.run()
    attempts = story.status("a")["attempts"]
    waits = [
        (parse_time(later["startedAt"]) - parse_time(earlier["finishedAt"])).total_seconds()
        for earlier, later in pairwise(attempts)
    ]
    assert len(waits) == 3
    for wait, base in zip(waits, (100, 200, 400), strict=True):
        assert base <= wait < 2 * base


async def test_a_skip_by_exit_code_is_not_retried() -> None:
    """Exit code 99 skips the task, and what hangs on it."""
    story = Story({"a": fails(99)})
    story.dag("a >> b", defaults={"retries": 3})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Skipped", "b": "Skipped"}
    assert story.pods == ["r-a-1"]


async def test_an_eviction_spends_no_retry() -> None:
    """An evicted attempt is tried again at once, though the task has no retries."""
    story = Story({"a": [Work(exit_code=137, pod_reason="Evicted"), succeeds()]})
    story.dag("a")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert story.failures("a") == (0, 1, 0)
    assert story.took() == 2


async def test_a_node_that_loses_every_pod() -> None:
    """The infrastructure's budget ends too: three more attempts, then Failed with the reason."""
    story = Story({"a": Work(exit_code=137, disruption="PreemptionByScheduler")})
    story.dag("a", defaults={"retries": 5})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert len(story.pods) == 4
    assert story.status("a")["reason"] == "PreemptionByScheduler"


async def test_too_much_memory_is_the_tasks_own_fault() -> None:
    """OOMKilled spends a retry."""
    story = Story({"a": Work(exit_code=137, reason="OOMKilled")})
    story.dag("a", defaults={"retries": 1, "retryDelay": "1s"})
    story.trigger()
    await story.run()
    assert story.status("a")["reason"] == "OOMKilled"
    assert story.failures("a") == (2, 0, 0)


async def test_an_attempt_that_takes_too_long() -> None:
    """The task's timeout ends the attempt with reason Timeout, and counts as its own fault."""
    story = Story({"a": succeeds(1000)})
    story.dag("a", tasks={"a": {"timeout": "20s"}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert (story.status("a")["reason"], story.status("a")["duration"]) == ("Timeout", "20s")


async def test_an_image_that_can_not_be_pulled() -> None:
    """It is given up after launchTimeout, once for each attempt of the launch budget; the status says why meanwhile."""
    story = Story({"a": Work(waiting="ImagePullBackOff")})
    story.dag("a", tasks={"a": {"launchTimeout": "60s"}})
    story.trigger()
    await story.run(30)
    assert story.status("a")["waitingFor"][0]["reason"] == "ImagePull"
    await story.run()
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.failures("a") == (0, 0, 4)


async def test_an_image_name_that_is_none() -> None:
    """InvalidImageName never mends itself, so the task fails at once."""
    story = Story({"a": Work(waiting="InvalidImageName")})
    story.dag("a", defaults={"retries": 3})
    story.trigger()
    await story.run(5)
    assert story.states() == {"run": "Failed", "a": "Failed"}
    assert story.status("a")["reason"] == "InvalidImageName"
    assert len(story.pods) == 1


async def test_a_pod_that_finds_no_node() -> None:
    """It waits without limit, and its task says so."""
    story = Story({"a": Work(has_node=False)})
    story.dag("a")
    story.trigger()
    await story.run(3600)
    assert story.states() == {"run": "Running", "a": "Queued"}
    assert story.status("a")["waitingFor"][0]["reason"] == "Unschedulable"


async def test_a_retry_whose_time_has_come_but_not_its_turn() -> None:
    """It says that it waits for the limit now, no longer for its time."""
    story = Story({"a": [fails(), succeeds()], "b": succeeds(1000)}, parallelism=1)
    story.dag("a; b", tasks={"a": {"retries": 1, "retryDelay": "10s", "priorityWeight": 9}})
    story.trigger()
    await story.run(60)
    assert story.states() == {"run": "Running", "a": "Queued", "b": "Running"}
    assert story.status("a")["waitingFor"][0]["reason"] == "Parallelism"
