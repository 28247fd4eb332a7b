"""Targets of alerts that are down, not there, or for others; and what is no news to anybody."""

import pytest

from controller.model.action import Kind
from controller.model.alerts import SendAlert, Target
from tests.scenarios.hearing import FAILURES, OF_TASKS, heard, records, sent, story_with
from tests.scenarios.keeping import keeping
from tests.scenarios.story import SPACE, Story, fails


async def test_a_target_that_is_down_and_comes_back() -> None:
    """It is tried again, ever less often; the other target is told at once, and once."""
    story = story_with({"a": fails()}, "chat", "mail")
    story.world.elsewhere.refusal = lambda alert: "is down" if alert.target == "mail" else ""
    story.dag("a", alerts=[FAILURES[0] | {"targets": ["mail", "chat"]}])
    story.trigger()
    await story.run(300)
    assert [alert.target for alert in sent(story)] == ["chat"]
    assert records(story)[0]["sent"] == ["chat"]
    story.world.elsewhere.refusal = lambda alert: ""
    await story.run()
    assert [alert.target for alert in sent(story)] == ["chat", "mail"]
    assert len({alert.key for alert in sent(story)}) == 1
    assert records(story)[0]["doneAt"]


async def test_a_target_that_stays_down() -> None:
    """After an hour it is given up: the status and an Event say why, and nothing goes on."""
    story = story_with({"a": fails()})
    tries = 0

    def refuse(alert: SendAlert) -> str:
        nonlocal tries
        tries += 1
        return "is down"

    story.world.elsewhere.refusal = refuse
    story.dag("a", alerts=FAILURES)
    story.trigger()
    begun = story.world.clock.now
    await story.run()
    assert 3600 <= (story.world.clock.now - begun).total_seconds() <= 4000
    assert tries == 17
    (record,) = records(story)
    assert record["failed"] == {"chat": "is down"}
    assert ("r", "AlertFailed") in story.told()
    assert not story.world.controller.store.alerts.waiting


async def test_a_send_of_which_nothing_is_heard() -> None:
    """A bug in the sending loses no alert: the slow walk through memory lets it be sent again."""
    story = story_with({"a": fails()})

    def break_down(alert: SendAlert) -> str:
        raise RuntimeError("a bug")

    story.world.elsewhere.refusal = break_down
    story.dag("a", alerts=FAILURES)
    story.trigger()
    await story.run()
    assert (heard(story), records(story)[0].get("doneAt")) == ([], None)
    story.world.elsewhere.refusal = lambda alert: ""
    story.world.controller.store.mark_all()
    await story.run()
    assert heard(story) == ["Run r failed"]


async def test_a_target_that_is_not_there() -> None:
    """The Dag says so in a sentence, and says that it is well once the operator has made the target."""
    story = story_with({"a": fails()}, "mail")
    story.dag("a", alerts=[FAILURES[0] | {"targets": ["chat", "mail"]}])
    story.trigger()
    await story.run(30)
    assert [alert.target for alert in sent(story)] == ["mail"]
    told = {each["type"]: each for each in story.get(Kind.DAG, "d")["status"]["conditions"]}["Alerts"]
    assert (told["status"], told["reason"]) == ("False", "TargetMissing")
    assert told["message"] == "Alert on-call has target chat, which the operator has not set up"
    assert ("d", "DagTargetMissing") in story.told()
    story.world.elsewhere.targets["chat"] = Target("chat")
    story.world.controller.store.alerts.know({name: Target(name) for name in ("chat", "mail")})
    await story.run()
    assert [alert.target for alert in sent(story)] == ["mail", "chat"]
    told = {each["type"]: each for each in story.get(Kind.DAG, "d")["status"]["conditions"]}["Alerts"]
    assert told["status"] == "True"


@pytest.mark.parametrize(("namespaces", "count"), [((), 1), ((SPACE, "other"), 1), (("other",), 0)])
async def test_the_default_target(namespaces: tuple[str, ...], count: int) -> None:
    """Once the operator has made it, it hears of failures of every Dag of its namespaces that has no alerts."""
    story = Story({"a": fails()})
    story.world.elsewhere.targets = {"default": Target("default", frozenset(namespaces))}
    story.world.restart()
    story.dag("a")
    story.dag("a", "quiet", alerts=[])
    story.trigger()
    story.trigger("q", "quiet")
    await story.run()
    assert heard(story) == ["Run r failed"] * count


async def test_no_storm_about_the_past() -> None:
    """Runs that ended before there was anybody to tell are no news: neither at a start, nor for new alerts."""
    story = Story({"a": fails()})
    story.dag("a")
    for number in range(5):
        story.trigger(f"r{number}")
    await story.run()
    story.world.elsewhere.targets = {"default": Target("default"), "chat": Target("chat")}
    story.world.restart()
    await story.run()
    story.edit(Kind.DAG, "d", alerts=FAILURES + OF_TASKS)
    await story.run()
    assert heard(story) == []
    story.trigger("new")
    await story.run()
    assert sorted(heard(story)) == ["Run new failed", "Task a failed in run new"]


async def test_retention_waits_for_alerts() -> None:
    """A run that has had its time stays until its alert is sent, or given up."""
    story = keeping(most=1)
    story.works["a"] = fails()
    story.world.elsewhere.targets = {"chat": Target("chat")}
    story.world.elsewhere.refusal = lambda alert: "is down"
    story.world.restart()
    story.dag("a", alerts=FAILURES)
    for number in range(1, 4):
        story.trigger(f"r{number}")
        await story.run(60)
    assert story.names(Kind.DAG_RUN) == ["r1", "r2", "r3"]
    story.world.elsewhere.refusal = lambda alert: ""
    await story.run(600)
    assert story.names(Kind.DAG_RUN) == ["r3"]
    assert sorted(heard(story)) == ["Run r1 failed", "Run r2 failed", "Run r3 failed"]
