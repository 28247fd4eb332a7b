"""Logs on the real cluster: kept before the Pod goes, and given once it is gone."""

import asyncio

import pytest

from tests.cluster import ClusterError
from tests.e2e.test_web import api, until
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

RIGHTS = ("dags.slipway.dev,dagruns.slipway.dev,taskruns.slipway.dev,pods,pods/log", "events")


@pytest.fixture
def place(world: World) -> World:
    """A namespace with an account that may read logs and Events."""
    world.kubectl("create", "serviceaccount", "reader")
    for name, verb, resources in (("gets", "get", RIGHTS[0]), ("lists", "list", RIGHTS[1])):
        world.kubectl("create", "role", name, f"--verb={verb}", f"--resource={resources}")
        account = f"--serviceaccount={world.namespace}:reader"
        world.kubectl("create", "rolebinding", name, f"--role={name}", account)
    return world


def gone(world: World, pod: str) -> bool:
    """Whether the Pod is not there any more."""
    try:
        world.kubectl("get", "pod", pod)
    except ClusterError:
        return True
    return False


async def test_a_log_outlives_its_pod(place: World) -> None:
    """Live while the Pod is there; the same bytes from the archive once it was deleted."""
    place.dag("spoken", [{"name": "say", "script": "echo hello; seq 1 2000"}])
    place.trigger("spoken", "spoken-run")
    await asyncio.to_thread(place.ended, "spoken-run")
    pod = "spoken-run-say-1"
    await asyncio.to_thread(
        place.until,
        "the Pod is released",
        lambda: not any("finalizers" in each["metadata"] for each in place.listed("pods")),
    )
    async with api(place, "reader") as seen:
        path = f"{seen.here}/runs/spoken-run/tasks/say/attempts/1/log"
        _, live = await until(lambda: seen.get(path), lambda told: told[0] == 200)
        place.kubectl("delete", "pod", pod)
        await asyncio.to_thread(place.until, "the Pod is gone", lambda: gone(place, pod))
        async with seen.session.get(path) as answer:
            assert (answer.status, answer.headers["X-Slipway-Log"]) == (200, "archived")
            assert await answer.text() == live
        assert live.startswith("hello\n1\n2\n")


async def test_a_task_that_fails_is_asked_about(place: World) -> None:
    """Its log is archived too, and `why` says how it ended."""
    place.dag("broken", [{"name": "say", "script": "echo before; exit 3"}])
    place.trigger("broken", "broken-run")
    await asyncio.to_thread(place.ended, "broken-run")
    async with api(place, "reader") as seen:
        task = f"{seen.here}/runs/broken-run/tasks/say"
        _, told = await until(
            lambda: seen.get(f"{task}/why"),
            lambda told: [each["code"] for each in told[1].get("reasons", ())] == ["Ended"],
        )
        assert "exit code 3" in told["reasons"][0]["text"]
        status, events = await seen.get(f"{task}/attempts/1/events")
        assert (status, events["source"]) == (200, "live")
        assert "Started" in [each["reason"] for each in events["items"]]
        _, spec = await seen.get(f"{task}/spec")
        assert spec["pod"]["spec"]["containers"][0]["command"][-1] == "echo before; exit 3"
