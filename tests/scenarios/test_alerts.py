"""Alerts of runs and tasks: who is told of what, and how often."""

from collections import Counter

from controller.model.action import Kind
from controller.model.alerts import Target
from controller.simulate.kubelet import Work
from tests.scenarios.hearing import FAILURES, OF_TASKS, heard, records, sent, story_with
from tests.scenarios.story import SPACE, Story, fails, succeeds


async def test_a_run_that_fails() -> None:
    """The target is told once, with the reason and where to look, and the status says so."""
    story = story_with({"a": Work(exit_code=137, reason="OOMKilled")})
    story.dag("a >> b", alerts=FAILURES, owner="data")
    story.trigger()
    await story.run()
    (alert,) = sent(story)
    assert (alert.target, alert.tone, alert.title) == ("chat", "failure", "[team/d] Run r failed")
    assert "Task a failed" in alert.text
    assert "a, attempt 1: OOMKilled" in alert.text
    assert "Owner: data" in alert.text
    assert f"Log: slipway logs -n {SPACE} r a --try 1" in alert.text
    assert alert.text.endswith(f"Alert: {alert.key}")
    (record,) = records(story)
    assert (record["key"], record["sent"]) == (alert.key, ["chat"])
    assert record["doneAt"]


async def test_a_pod_that_was_killed() -> None:
    """No code of the task's has to run for its failure to be told."""
    story = story_with({"a": succeeds(100)})
    story.dag("a", alerts=OF_TASKS, defaults={"infrastructureRetries": 0})
    story.trigger()
    await story.run(10)
    story.delete(Kind.POD, "r-a-1", grace_seconds=0)
    await story.run()
    assert heard(story) == ["Task a failed in run r"]
    assert "PodDeleted" in sent(story)[0].text


async def test_a_success_is_told_to_those_who_ask() -> None:
    """Each alert hears of its own events alone, and a target of two alerts gets both."""
    story = story_with(None, "chat", "mail")
    both = [{"name": "ends", "events": ["runFailed", "runSucceeded"], "targets": ["chat", "mail"]}, *FAILURES]
    story.dag("a", alerts=both)
    story.trigger()
    await story.run()
    assert sorted(alert.target for alert in sent(story)) == ["chat", "mail"]
    assert set(heard(story)) == {"Run r succeeded"}
    assert len({alert.key for alert in sent(story)}) == 1


async def test_retries_and_the_failure_for_good() -> None:
    """Each attempt that is tried again is told as such, the last one as the task's failure."""
    story = story_with({"a": fails(3)})
    story.dag("a", tasks={"a": {"retries": 1, "retryDelay": "90s"}}, alerts=OF_TASKS)
    story.trigger()
    await story.run()
    assert heard(story) == ["Task a is tried again in run r", "Task a failed in run r"]
    assert "attempt 2" in sent(story)[1].text
    assert "exit code 3 (node " in sent(story)[1].text


async def test_only_the_tasks_that_are_named() -> None:
    """A group stands for its tasks; the others' failures are told to nobody."""
    story = story_with({"a": fails(), "b": fails(), "c": fails()})
    alerts = [{"name": "team", "events": ["taskFailed"], "targets": ["chat"], "tasks": ["g", "a"]}]
    story.dag("a; b; c", groups=[{"name": "g"}], tasks={"b": {"group": "g"}}, alerts=alerts)
    story.trigger()
    await story.run()
    assert sum(record["count"] for record in records(story)) == 2
    assert not any("c, attempt" in alert.text for alert in sent(story))


async def test_a_flood() -> None:
    """A thousand failures are a few messages, which name some and count all."""
    story = story_with({"m": fails()})
    mapped = {"m": {"map": {"over": list(range(1000)), "window": 500}}}
    story.dag("m", tasks=mapped, alerts=[{"name": "t", "events": ["taskFailed", "runFailed"], "targets": ["chat"]}])
    story.trigger()
    await story.run()
    assert len(sent(story)) <= 10
    assert sum(record["count"] for record in records(story) if record["event"] == "taskFailed") == 1000
    assert any("more" in alert.text for alert in sent(story))
    assert story.run_status()["alerting"]["told"] == {"1": ["m[0-999]"]}
    assert max(len(alert.text) for alert in sent(story)) < 5000


async def test_failures_that_trickle_in() -> None:
    """The first is told at once, the ones of the next minute together, and the run's end sends what is left."""
    story = story_with({f"t{n}": fails(seconds=5 + 10 * n) for n in range(10)})
    story.dag("; ".join(f"t{n}" for n in range(10)), alerts=[OF_TASKS[0] | {"events": ["taskFailed"]}])
    story.trigger()
    await story.run()
    assert [record["count"] for record in records(story)] == [1, 5, 4]
    assert heard(story)[0] == "Task t0 failed in run r"
    assert heard(story)[1] == "5 tasks failed in run r"


async def test_a_dag_without_alerts_pays_nothing() -> None:
    """Its run has the very same writes, whoever may be there to be told."""
    writes: list[Counter[tuple[str, str]]] = []
    for targets in ({}, {"chat": Target("chat")}):
        story = Story({"a": [fails(), succeeds()], "b": fails()})
        story.world.elsewhere.targets = dict(targets)
        story.world.restart()
        story.dag("a >> b", tasks={"a": {"retries": 1, "retryDelay": "5s"}})
        story.trigger()
        await story.run()
        writes.append(story.world.controller.session.writes)
        assert "alerting" not in story.run_status()
    assert writes[0] == writes[1]


async def test_what_an_alert_costs() -> None:
    """The write that ends the run notes the alert: one more write ticks it off."""
    writes = []
    for alerts in ([], FAILURES):
        story = story_with({"a": fails()})
        story.dag("a", alerts=alerts)
        story.trigger()
        await story.run()
        writes.append(story.world.controller.session.writes["status", "DagRun"])
    assert writes[1] == writes[0] + 1


async def test_a_cancelled_run() -> None:
    """The run's end is told; that its tasks were ended with it is no news of theirs."""
    story = story_with({"a": succeeds(100)})
    story.dag("a; b", alerts=FAILURES + OF_TASKS)
    story.trigger()
    await story.run(10)
    story.edit(Kind.DAG_RUN, "r", cancel="graceful")
    await story.run()
    assert heard(story) == ["Run r failed"]
    assert "The run was cancelled" in sent(story)[0].text


async def test_a_run_that_fails_before_it_begins() -> None:
    """Wrong params are told, too, though the run was never pinned to a revision."""
    story = story_with()
    story.dag("a", alerts=FAILURES, params={"n": {"type": "integer"}})
    story.trigger(params={"n": "many"})
    await story.run()
    assert heard(story) == ["Run r failed"]
    assert "Param n" in sent(story)[0].text


async def test_a_clear() -> None:
    """The run's next end is news again, and the attempts that were told are not."""
    story = story_with({"a": [fails(), fails(), succeeds()]})
    story.dag("a", alerts=[*FAILURES, OF_TASKS[0]])
    story.trigger()
    await story.run()
    for number in range(2):
        story.edit(Kind.DAG_RUN, "r", request={"id": f"again-{number}", "clear": {}})
        await story.run()
    assert story.states() == {"run": "Success", "a": "Success"}
    assert Counter(heard(story)) == {"Run r failed": 2, "Task a failed in run r": 2}
    assert len({alert.key for alert in sent(story)}) == 4


async def test_a_template() -> None:
    """The alert's own words, with the values of the run; and Slipway's where they can't be filled in."""
    story = story_with({"a": fails(7)})
    own = {"title": "{{ dag.name | upper }}: {{ params.day }}", "message": "{{ task.name }}{{ alert.text | length }}"}
    broken = {"name": "broken", "events": ["runFailed"], "targets": ["chat"], "message": "{{ params.day.of.what }}"}
    story.dag("a", alerts=[FAILURES[0] | own, broken], params={"day": {"type": "string", "default": "monday"}})
    story.trigger()
    await story.run()
    first, second = sorted(sent(story), key=lambda alert: alert.title)
    assert first.title == "D: monday"
    assert first.text.startswith("a")
    assert second.title == "[team/d] Run r failed"
    assert "The alert's own text" in second.text
    assert "Task a failed" in second.text
