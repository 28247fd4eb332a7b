"""Log lines about an object name it in the same words, whoever writes them."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from controller.errors import Refused, Unavailable
from controller.log_fields import fields_of, fields_of_key, fields_of_meta
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.observe.asked_about import asked_about, fields_of_due
from controller.observe.due import GATE, Due, Question
from controller.observe.parse import parse
from tests.scenarios.story import Story, fails, succeeds

Line = MutableMapping[str, Any]


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """What is logged."""
    with capture_logs() as found:
        yield found


def about(line: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These fields of a line."""
    return {name: line.get(name) for name in names}


async def test_a_pod_that_is_refused(lines: list[Line]) -> None:
    """The line names the Dag, the run, the task and its attempt."""
    story = Story({"a": succeeds()})
    errors = [Refused("no", "Forbidden", 403)]

    def refuse(verb: str, kind: Kind | None) -> None:
        if errors and (verb, kind) == ("create", Kind.POD):
            raise errors.pop()

    story.world.controller.session.before_write = refuse
    story.dag("a")
    story.trigger()
    await story.run()
    [line] = [each for each in lines if each["event"] == "refused"]
    assert about(line, "namespace", "dag", "run", "task", "attempt") == {
        "namespace": "team",
        "dag": "d",
        "run": "r",
        "task": "a",
        "attempt": "0",
    }


async def test_an_event_that_is_put_off(lines: list[Line]) -> None:
    """What is done beside the scheduling names its object, too."""
    story = Story({"a": fails()})

    def refuse(verb: str, kind: Kind | None) -> None:
        if verb == "event":
            raise Unavailable("away")

    story.world.controller.session.before_write = refuse
    story.dag("a")
    story.trigger()
    await story.run()
    found = [about(each, "action", "namespace", "dag", "run") for each in lines if each["event"] == "put off"]
    assert {"action": "Tell", "namespace": "team", "dag": "d", "run": "r"} in found


async def test_an_event_that_is_there_already(lines: list[Line]) -> None:
    """It was told before: no line, and nothing is tried again."""
    story = Story({"a": fails()})
    story.dag("a")
    story.trigger()
    await story.run()
    events = dict(story.cluster.events)
    story.world.restart()
    for body in events.values():
        story.cluster.events[body["metadata"]["name"]] = body
    await story.run()
    assert [each for each in lines if each["event"] == "put off"] == []


async def test_objects() -> None:
    """Each kind by its own word; what a user's run has no label for comes from its spec."""
    story = Story({"m": succeeds()})
    story.dag("m")
    story.trigger()
    await story.run()
    run = parse(Kind.DAG_RUN, story.get(Kind.DAG_RUN, "r"))
    assert fields_of(run) == {"namespace": "team", "run": "r", "dag": "d"}
    found = fields_of(parse(Kind.TASK_RUN, story.task_run("m")))
    assert found == {
        "namespace": "team",
        "task_run": "r-m",
        "dag": "d",
        "run": "r",
        "task": "m",
        "attempt": "1",
    }
    pod = parse(Kind.POD, story.get(Kind.POD, "r-m-1"))
    assert fields_of(pod)["pod"] == "r-m-1"
    assert fields_of(parse(Kind.DAG, story.get(Kind.DAG, "d"))) == {"namespace": "team", "dag": "d"}
    assert fields_of(None) == {}
    assert fields_of_key(Kind.POOL, Key("team", "db")) == {"namespace": "team", "pool": "db"}
    assert run is not None
    assert fields_of_meta(Kind.APPROVAL, run.meta)["approval"] == "r"


async def test_questions() -> None:
    """About an object, about one that is gone, and about the queue as a whole."""
    story = Story({"m": succeeds()})
    story.dag("m")
    story.trigger()
    await story.run()
    tables = story.world.controller.store.tables
    due = Due(Question.RUN, Key("team", "r"))
    assert fields_of_due(due, tables) == {"question": "run", "namespace": "team", "run": "r", "dag": "d"}
    gone = Due(Question.TASK, Key("team", "x"))
    assert fields_of_due(gone, tables) == {"question": "task", "namespace": "team", "name": "x"}
    assert asked_about(GATE, tables) is None
