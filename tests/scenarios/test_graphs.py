"""Graphs and trigger rules: which tasks run, which end without running, and how the run ends."""

import pytest

from tests.scenarios.story import Story, fails, succeeds


async def test_three_tasks_in_a_row() -> None:
    """Each starts when the one before has succeeded, and the run succeeds with the last."""
    story = Story()
    story.dag("a >> b >> c")
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success"}
    assert story.pods == ["r-a-1", "r-b-1", "r-c-1"]
    assert story.run_status()["duration"] == "3s"
    assert story.run_status()["tasks"] == "3/3"


async def test_a_diamond() -> None:
    """The two sides run at once, the join waits for both."""
    story = Story({"b": succeeds(9), "c": succeeds(2)})
    story.dag("a >> [b, c] >> d")
    story.trigger()
    await story.run(8)
    assert story.states() == {"run": "Running", "a": "Success", "b": "Running", "c": "Success"}
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "c": "Success", "d": "Success"}


async def test_a_failure_spreads_to_everything_behind_it() -> None:
    """What hangs on the failed task is not run, what does not is; the run fails and names the task."""
    story = Story({"a": fails(3)})
    story.dag("a >> b >> c; x >> y")
    story.trigger()
    await story.run()
    assert story.states() == {
        "run": "Failed",
        "a": "Failed",
        "b": "UpstreamFailed",
        "c": "UpstreamFailed",
        "x": "Success",
        "y": "Success",
    }
    assert story.run_status()["failedTasks"] == ["a"]
    assert story.run_status()["message"] == "Task a failed: The task ended with exit code 3"
    assert ("r-a", "TaskFailed") in story.told()
    assert ("r", "RunFailed") in story.told()


async def test_a_failed_task_whose_leaf_recovers() -> None:
    """A run is judged on its leaves: a handler that ran makes it a success, though a task failed."""
    story = Story({"a": fails()})
    story.dag("a >> handler", tasks={"handler": {"triggerRule": "one_failed"}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Failed", "handler": "Success"}


async def test_a_chain_of_noops() -> None:
    """Podless tasks end at once, in one decision, and cost no object at all."""
    story = Story()
    story.dag("a >> [b, c] >> d >> e", tasks={name: {"noop": {}} for name in "abcde"})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success"} | dict.fromkeys("abcde", "Success")
    assert story.pods == []
    assert story.took() == 0


S, F, K, UF = "Success", "Failed", "Skipped", "UpstreamFailed"


@pytest.mark.parametrize(
    ("rule", "ends_of_x_y_z", "ends_as"),
    [
        ("all_success", (S, S, S), S),
        ("all_success", (S, F, K), UF),
        ("all_success", (S, S, K), K),
        ("all_failed", (F, F, UF), S),
        ("all_failed", (F, F, S), K),
        ("all_done", (S, F, K), S),
        ("all_done_min_one_success", (S, F, UF), S),
        ("all_done_min_one_success", (S, S, K), K),
        ("all_done_min_one_success", (F, F, UF), UF),
        ("all_done_setup_success", (F, K, UF), S),
        ("one_success", (F, S, K), S),
        ("one_success", (F, K, UF), UF),
        ("one_success", (K, K, K), K),
        ("one_failed", (S, S, UF), S),
        ("one_failed", (S, K, S), K),
        ("one_done", (K, K, F), S),
        ("one_done", (K, UF, K), K),
        ("none_failed", (S, K, K), S),
        ("none_failed", (S, K, F), UF),
        ("none_failed_min_one_success", (S, K, K), S),
        ("none_failed_min_one_success", (K, K, K), K),
        ("none_failed_min_one_success", (S, UF, S), UF),
        ("none_skipped", (S, F, UF), S),
        ("none_skipped", (S, F, K), K),
        ("all_skipped", (K, K, K), S),
        ("all_skipped", (K, K, F), K),
        ("always", (F, F, F), S),
    ],
)
async def test_a_trigger_rule(rule: str, ends_of_x_y_z: tuple[str, str, str], ends_as: str) -> None:
    """A task over three others ends as its rule says of their ends; `bad` makes an end as UpstreamFailed."""
    ends = dict(zip("xyz", ends_of_x_y_z, strict=True))
    behind_bad = [task for task, end in ends.items() if end == UF]
    story = Story({"bad": fails()} | {task: fails(_EXIT_CODES[end]) for task, end in ends.items()})
    chains = ["x", "y", "z", "[x, y, z] >> t", *(f"bad >> {task}" for task in behind_bad)]
    story.dag("; ".join(chains), tasks={"t": {"triggerRule": rule}})
    story.trigger()
    await story.run()
    bad = {"bad": F} if behind_bad else {}
    assert story.states() == {**ends, **bad, "t": ends_as, "run": F if ends_as == UF else S}


_EXIT_CODES = {S: 0, F: 1, K: 99, UF: 0}


async def test_a_rule_that_does_not_wait() -> None:
    """`one_success` starts while the other upstream task still runs."""
    story = Story({"slow": succeeds(100)})
    story.dag("[quick, slow] >> t", tasks={"t": {"triggerRule": "one_success"}})
    story.trigger()
    await story.run(10)
    assert story.states() == {"run": "Running", "quick": "Success", "slow": "Running", "t": "Success"}


async def test_two_ends_of_one_instant() -> None:
    """Both are judged together: `one_success` runs although, seen alone, the failure came first."""
    story = Story({"x": fails(), "y": succeeds()})
    story.dag("[x, y] >> t >> u", tasks={"t": {"triggerRule": "one_success"}})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "t": "Success", "u": "Success", "x": "Failed", "y": "Success"}
