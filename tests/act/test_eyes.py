"""Looks of sensors: what is seen, or one sentence why nothing is; and what becomes of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from controller.act.eyes import RealLooks, real_looks
from controller.act.hosts import HostRules
from controller.act.http_look import Guard, HttpEyes
from controller.act.perform import Eyes, Glance, Performer
from controller.connection import Connection
from controller.errors import NotFound, Refused, Unavailable, Usage
from controller.kube import Kube
from controller.model.action import Look, ObjectName, Url
from controller.model.metadata import Key
from controller.model.outside import Sight
from controller.settings import Settings
from tests.act.recording import RecordingKube
from tests.decide.objects import NOW, task_run

JOB = ObjectName("batch/v1", "jobs", "load")


class OneObject(RecordingKube):
    """An API server with one answer for whatever is asked."""

    def __init__(self, answer: Exception | dict[str, Any]) -> None:
        super().__init__()
        self.answer = answer

    async def get_other(self, api_version: str, resource: str, key: Key) -> dict[str, Any]:
        """Answer a GET of any kind."""
        self.sent.append((api_version, resource, key))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def look(at: Url | ObjectName = JOB) -> Look:
    """A look for task a."""
    return Look(task_run("a").meta, 1, at)


async def seen(kube: Kube, at: Url | ObjectName = JOB) -> Glance:
    """What is seen."""
    async with HttpEyes(Guard(HostRules())) as http:
        return await RealLooks(kube, http).look(look(at))


async def test_an_object() -> None:
    """It is asked for in the task's own namespace, and shown without what nobody asks for."""
    kube = OneObject({"metadata": {"name": "load", "managedFields": [{}]}, "status": {"succeeded": 1}})
    values, trouble = await seen(kube)
    assert (values, trouble) == ({"object": {"metadata": {"name": "load"}, "status": {"succeeded": 1}}}, "")
    assert kube.sent == [("batch/v1", "jobs", Key("team", "load"))]


@pytest.mark.parametrize(
    ("error", "values", "trouble"),
    [
        (NotFound('jobs.batch "load" not found'), {"object": None}, "it does not exist"),
        (NotFound("404 page not found"), None, "the API server does not know jobs of batch/v1"),
        (
            Refused("jobs.batch is forbidden", "Forbidden", 403),
            None,
            "the controller may not get jobs.batch: the chart's value sensors.resources gives it the right",
        ),
        (Refused("odd", "Invalid", 422), None, "odd"),
        (Unavailable("the API server does not answer"), None, "the API server does not answer"),
        (TimeoutError(), None, "the API server does not answer"),
    ],
)
async def test_an_object_that_is_not_seen(error: Exception, values: Mapping[str, Any] | None, trouble: str) -> None:
    """Only one that is really missing is seen as missing; what else stands in the way is told."""
    assert await seen(OneObject(error)) == (values, trouble)


async def test_a_refused_object_of_the_core() -> None:
    """It is named without a group."""
    _, trouble = await seen(OneObject(Refused("no", "Forbidden", 403)), ObjectName("v1", "secrets", "s"))
    assert trouble.startswith("the controller may not get secrets:")


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_a_name_that_leads_elsewhere(name: str) -> None:
    """It is not asked for."""
    kube = OneObject({})
    assert await seen(kube, ObjectName("v1", "pods", name)) == (None, f"{name!r} is no name")
    assert kube.sent == []


async def test_a_name_with_slashes() -> None:
    """It stays one part of the path."""
    async with Kube(Connection("http://127.0.0.1:1")) as kube:
        paths: list[str] = []

        async def send(request: Any, leadership: object = None) -> dict[str, Any]:
            paths.append(request.path)
            return {}

        kube._send = send  # type: ignore[method-assign]
        await kube.get_other("v1", "pods", Key("team", "../../other/pods/p?x=1"))
        await kube.get_other("apps/v1", "deployments", Key("team", "d"))
    assert paths == [
        "/api/v1/namespaces/team/pods/..%2F..%2Fother%2Fpods%2Fp%3Fx%3D1",
        "/apis/apps/v1/namespaces/team/deployments/d",
    ]


async def test_a_url_that_is_refused() -> None:
    """That is what is told."""
    assert await seen(OneObject({}), Url("http://127.0.0.1/", {})) == (
        None,
        "127.0.0.1 is 127.0.0.1, which sensors may not reach",
    )


async def test_settings() -> None:
    """They forbid, or allow only some; what can't be understood ends the start."""
    settings = Settings(sensor_forbidden_hosts=("192.0.2.0/24",))
    async with real_looks(settings, "https://10.96.0.1", OneObject({})) as looks:
        assert (await looks.look(look(Url("http://192.0.2.1/", {}))))[1].endswith("in this installation")
        assert (await looks.look(look(Url("http://10.96.0.1/", {}))))[1].endswith("may not reach")
    with pytest.raises(Usage, match="is no network"):
        async with real_looks(Settings(sensor_allowed_hosts=("10.0.0.0/99",)), "", OneObject({})):
            pass


async def test_what_becomes_of_a_look() -> None:
    """It goes into memory with the time at which it began; without eyes nothing is looked at."""
    found: list[tuple[Look, Sight]] = []

    class Window:
        """Shows a job."""

        async def look(self, action: Look) -> Glance:
            """What is seen."""
            return {"object": {}}, ""

    kube = RecordingKube()
    eyes = Eyes(Window(), lambda action, sight: found.append((action, sight)))
    await Performer(kube, lambda kind, raw: None, eyes).perform(look(), NOW)
    await Performer(kube, lambda kind, raw: None).perform(look(), NOW)
    assert found == [(look(), Sight(NOW, 1, {"object": {}}, ""))]
    assert kube.sent == []
