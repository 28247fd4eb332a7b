"""onOOM: the memory of an attempt after some that were OOMKilled."""

from typing import Any

import pytest

from controller.decide.memory import memory_limit, raised_memory
from controller.model.plan import PlannedTask
from tests.decide.drawing import drawn_plan
from tests.decide.judged import faults, task

DOUBLED: dict[str, Any] = {"onOOM": {"memoryFactor": 2, "max": "8Gi"}}


def planned(**fields: Any) -> PlannedTask:
    """A task with these settings."""
    return drawn_plan("a", {"a": fields}).tasks["a"]


def limited(limit: Any, request: Any = None) -> dict[str, Any]:
    """Resources with this much memory."""
    requests = {"requests": {"memory": request, "cpu": "1"}} if request is not None else {}
    return {"resources": {"limits": {"memory": limit}, **requests}}


@pytest.mark.parametrize(
    ("factor", "most", "limit", "memory"),
    [
        (2, "8Gi", "1Gi", ["1Gi", "2Gi", "4Gi", "8Gi", "8Gi"]),
        (1.5, "3Gi", "1Gi", ["1Gi", "1536Mi", "2304Mi", "3Gi", "3Gi"]),
        (1.1, "9Gi", "1000Mi", ["1000Mi", "1100Mi", "1210Mi", "1331Mi", "1465Mi"]),
        (100, 5_000_000_000, 1_000_000, [1_000_000, "96Mi", 5_000_000_000, 5_000_000_000]),
        (2, "1Gi", "1Gi", ["1Gi", "1Gi"]),
        (2, "1500M", "1G", ["1G", "1500M"]),
    ],
)
def test_a_limit_that_grows(factor: float, most: Any, limit: Any, memory: list[Any]) -> None:
    """It is multiplied for each kill, rounded up to whole Mi, and never more than max."""
    of = planned(onOOM={"memoryFactor": factor, "max": most}, **limited(limit))
    assert [memory_limit(of.settings, kills) for kills in range(len(memory))] == [str(each) for each in memory]


def test_a_request_grows_too() -> None:
    """With the same factor and the same end."""
    of = planned(**DOUBLED, **limited("3Gi", "1Gi"))
    found = [raised_memory(of.settings, kills) for kills in range(4)]
    assert found == [
        {},
        {"limits": "6Gi", "requests": "2Gi"},
        {"limits": "8Gi", "requests": "4Gi"},
        {"limits": "8Gi", "requests": "8Gi"},
    ]


def test_a_limit_in_the_fragment() -> None:
    """What the Pod's fragment says of container main wins, as it does in the Pod."""
    main = {"name": "main", "resources": {"limits": {"memory": "2Gi"}}}
    of = planned(**DOUBLED, **limited("1Gi"), pod={"containers": [{"name": "side", "resources": {}}, main]})
    assert raised_memory(of.settings, 1) == {"limits": "4Gi"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        limited("1Gi"),
        {"resources": {"limits": {"cpu": "1"}}},
        {"pod": {"containers": [{"name": "main", "resources": None}]}},
        {"pod": {"containers": [{"name": "main", "resources": {"limits": "much"}}]}},
        {"pod": {"containers": [{"name": "main", "resources": {"limits": {"memory": "much"}}}]}},
    ],
)
def test_nothing_to_raise(fields: dict[str, Any]) -> None:
    """Without onOOM, or without a limit that can be read, the memory stays as it is."""
    told = {"defaults": DOUBLED} if "resources" not in fields or "memory" not in fields["resources"]["limits"] else {}
    of = drawn_plan("a", {"a": fields}, **told).tasks["a"]
    assert raised_memory(of.settings, 3) == {}
    assert memory_limit(of.settings, 3) is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({**DOUBLED, **limited("1Gi")}, []),
        (DOUBLED, ["spec.tasks[0].onOOM: has no memory limit to raise: write one under resources.limits.memory"]),
        (
            {**DOUBLED, **limited("9Gi")},
            ["spec.tasks[0].onOOM: max is 8Gi, less than the memory limit of 9Gi"],
        ),
        (
            {"onOOM": {"memoryFactor": 2, "max": "much"}, **limited("1Gi")},
            ["spec.tasks[0].onOOM: max: 'much' is not a quantity: write a number with a unit, such as 512Mi or 2Gi"],
        ),
        ({"onOOM": {"memoryFactor": 1, "max": "8Gi"}, **limited("1Gi")}, ["spec.tasks[0].onOOM.memoryFactor"]),
        (
            {**DOUBLED, "pod": {"containers": ["main"]}},
            ["spec.tasks[0].pod.containers: is not a list of containers", "spec.tasks[0].onOOM: has no memory limit"],
        ),
        (
            {**DOUBLED, "pod": {"containers": "main"}},
            ["spec.tasks[0].pod.containers: is not a list of containers", "spec.tasks[0].onOOM: has no memory limit"],
        ),
    ],
)
def test_what_can_not_be_meant_so(fields: dict[str, Any], told: list[str]) -> None:
    """Each fault is one sentence with its place."""
    found = faults(task(**fields))
    assert len(found) == len(told)
    assert all(sentence.startswith(start) for sentence, start in zip(found, told, strict=True))


def test_a_default_for_tasks_without_a_limit() -> None:
    """onOOM among the defaults asks nothing of the tasks that it does not reach."""
    assert faults({**task(), "defaults": DOUBLED}) == []
