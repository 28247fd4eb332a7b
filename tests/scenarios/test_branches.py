"""Branches and short circuits: which tasks go on, and which are skipped for that."""

from typing import Any

from tests.scenarios.story import Story, fails, succeeds


def branch(*cases: tuple[str, list[str]], otherwise: list[str] | None = None) -> dict[str, Any]:
    """The field of a branch."""
    told: dict[str, Any] = {"cases": [{"when": when, "follow": follow} for when, follow in cases]}
    return {"branch": told | ({"otherwise": otherwise} if otherwise is not None else {})}


def stop(when: str = "false", **more: Any) -> dict[str, Any]:
    """The field of a short circuit."""
    return {"shortCircuit": {"when": when, **more}}


async def test_the_first_case_that_holds() -> None:
    """Its tasks go on, the others directly after the branch are skipped."""
    story = Story({"count": succeeds(output='{"rows": 50}')})
    cases = (("tasks.count.output.rows > 100", ["a"]), ("tasks.count.output.rows > 10", ["b"]), ("true", ["c"]))
    story.dag("count >> pick >> [a, b, c]", tasks={"pick": branch(*cases)})
    story.trigger()
    await story.run()
    ends = {"a": "Skipped", "b": "Success", "c": "Skipped", "count": "Success", "pick": "Success"}
    assert story.states() == {"run": "Success", **ends}
    assert story.run_status()["followed"] == {"pick": ["b"]}


async def test_no_case_that_holds() -> None:
    """What `otherwise` names goes on; without it nothing does."""
    story = Story()
    tasks = {"p": branch(("params.day == 'x'", ["a"]), otherwise=["b"]), "q": branch(("params.day == 'x'", ["c"]))}
    story.dag("p >> [a, b]; q >> c", tasks=tasks, params={"day": {"default": "y"}})
    story.trigger()
    await story.run()
    ends = {"a": "Skipped", "b": "Success", "c": "Skipped", "p": "Success", "q": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_join_that_the_branch_leads_to() -> None:
    """A task directly after the branch is spared where a chosen one leads to it."""
    story = Story()
    story.dag(
        "pick >> [a, b, join]; a >> join; b >> other",
        tasks={"pick": branch(("true", ["a"])), "join": {"triggerRule": "none_failed_min_one_success"}},
    )
    story.trigger()
    await story.run()
    ends = {"a": "Success", "b": "Skipped", "join": "Success", "other": "Skipped", "pick": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_branch_to_a_group() -> None:
    """A group's name stands for those of its tasks that are directly after the branch."""
    story = Story()
    story.dag(
        "pick >> [a, b, c]; a >> d",
        tasks={
            "pick": branch(("run.id == dag.name", ["b"]), otherwise=["g"]),
            **{name: {"group": "g"} for name in "acd"},
        },
        groups=[{"name": "g"}],
    )
    story.trigger()
    await story.run()
    ends = {"a": "Success", "b": "Skipped", "c": "Success", "d": "Success", "pick": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_choice_outlives_rules() -> None:
    """What a branch left out is skipped whatever its trigger rule says."""
    story = Story()
    story.dag("pick >> [a, b]", tasks={"pick": branch(("true", ["a"])), "b": {"triggerRule": "always"}})
    story.works["a"] = succeeds(5)
    story.trigger()
    await story.run()
    # An always task does not wait for the branch: it has begun before.
    assert story.states() == {"run": "Success", "a": "Success", "b": "Skipped", "pick": "Success"}


async def test_a_teardown_after_a_branch() -> None:
    """No choice skips it: what was set up is cleared up."""
    story = Story()
    story.dag(
        "s >> pick >> [a, b, t]; [s, a, b] >> t",
        tasks={"s": {"role": "setup"}, "pick": branch(("true", ["a"])), "t": {"role": "teardown"}},
    )
    story.trigger()
    await story.run()
    ends = {"a": "Success", "b": "Skipped", "pick": "Success", "s": "Success", "t": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_branch_that_fails() -> None:
    """An expression that can't be worked out, or is no yes or no, fails the branch with a sentence."""
    story = Story({"a": succeeds(output='{"x": 1}')})
    tasks = {"p": branch(("tasks.a.output.rows > 1", ["b"])), "q": stop("tasks.a.output.x")}
    story.dag("a >> p >> b; a >> q >> c; d", tasks=tasks)
    story.trigger()
    await story.run()
    ends = {"a": "Success", "b": "UpstreamFailed", "c": "UpstreamFailed", "d": "Success", "p": "Failed", "q": "Failed"}
    assert story.states() == {"run": "Failed", **ends}
    notes = story.run_status()["notes"]
    assert "'tasks.a.output.rows > 1' can't be worked out" in notes["p"]
    assert notes["q"] == "'tasks.a.output.x' gives '1', not true or false"
    assert story.run_status()["failedTasks"] == ["p", "q"]


async def test_a_short_circuit_that_lets_go_on() -> None:
    """Nothing is skipped while its condition holds."""
    story = Story()
    story.dag("ok >> a >> b", tasks={"ok": stop("1 < 2")})
    story.trigger()
    await story.run()
    assert story.states() == {"run": "Success", "a": "Success", "b": "Success", "ok": "Success"}


async def test_a_short_circuit_that_stops() -> None:
    """Everything behind it is skipped, whatever the rules, but for a teardown."""
    story = Story()
    story.dag(
        "s >> ok >> a >> b >> end; s >> t; b >> t",
        tasks={"s": {"role": "setup"}, "ok": stop(), "end": {"triggerRule": "all_done"}, "t": {"role": "teardown"}},
    )
    story.trigger()
    await story.run()
    ends = {"a": "Skipped", "b": "Skipped", "end": "Skipped", "ok": "Success", "s": "Success", "t": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_short_circuit_that_stops_what_is_next() -> None:
    """With `skipAll: false` only what is directly after it is skipped, and the rules decide on the rest."""
    story = Story()
    story.dag(
        "ok >> [a, t] >> b >> c",
        tasks={"ok": stop(skipAll=False), "b": {"triggerRule": "all_done"}, "t": {"role": "teardown"}},
    )
    story.trigger()
    await story.run()
    ends = {"a": "Skipped", "b": "Success", "c": "Success", "ok": "Success", "t": "Success"}
    assert story.states() == {"run": "Success", **ends}


async def test_a_stop_behind_tasks_that_have_begun() -> None:
    """What is far behind is skipped at once, though a task on the way had begun before."""
    story = Story({"slow": succeeds(5), "early": fails(0, 60)})
    story.dag(
        "slow >> ok >> early >> late",
        tasks={"ok": stop(), "early": {"triggerRule": "always"}},
    )
    story.trigger()
    await story.run(20)
    assert story.states() == {
        "run": "Running",
        "early": "Running",
        "late": "Skipped",
        "ok": "Success",
        "slow": "Success",
    }
