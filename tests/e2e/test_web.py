"""The web server on the real cluster: the real API server judges real tokens, and real Pods have logs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest

from tests.cluster import ClusterError
from tests.e2e.install import NAMESPACE as SYSTEM
from tests.e2e.install import RELEASE
from tests.e2e.world import PATIENCE_SECONDS, World

pytestmark = pytest.mark.cluster

ROLE: Final = (
    ("viewer", "get", "dags.slipway.dev,dagruns.slipway.dev,taskruns.slipway.dev,pools.slipway.dev"),
    ("reader", "get", "dags.slipway.dev,dagruns.slipway.dev,taskruns.slipway.dev,pods,pods/log"),
    ("runner", "get,create,patch", "dags.slipway.dev,dagruns.slipway.dev,taskruns.slipway.dev"),
)


@pytest.fixture(scope="module")
def place(module_world: World) -> World:
    """A namespace with users, and a Dag that has run."""
    for name, verbs, resources in ROLE:
        module_world.kubectl("create", "serviceaccount", name)
        module_world.kubectl("create", "role", name, f"--verb={verbs}", f"--resource={resources}")
        account = f"--serviceaccount={module_world.namespace}:{name}"
        module_world.kubectl("create", "rolebinding", name, f"--role={name}", account)
    module_world.kubectl("create", "serviceaccount", "nobody")
    script = "echo hello from the log; echo '{\"rows\": 3}' > $SLIPWAY_OUTPUT"
    module_world.dag("seen", [{"name": "say", "script": script}])
    module_world.trigger("seen", "seen-run")
    module_world.ended("seen-run")
    return module_world


def token(world: World, account: str) -> str:
    """A token of the service account."""
    return world.kubectl("create", "token", account, "--duration=1h").strip()


class Api:
    """The web server as one caller, through a port-forward."""

    def __init__(self, session: aiohttp.ClientSession, namespace: str) -> None:
        self.session = session
        self.here = f"/api/v1/namespaces/{namespace}"

    async def get(self, path: str, **params: str) -> tuple[int, Any]:
        """Status, and the JSON or the text."""
        async with self.session.get(path, params=params) as answer:
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, await (answer.json(content_type=None) if is_json else answer.text())

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON."""
        async with self.session.post(path, json=body) as answer:
            return answer.status, await answer.json(content_type=None)


@asynccontextmanager
async def api(world: World, account: str) -> AsyncIterator[Api]:
    """The web server as this account sees it."""
    words = ("--kubeconfig", str(world.cluster.kubeconfig), "-n", SYSTEM, "port-forward")
    forward = await asyncio.create_subprocess_exec(
        str(world.cluster.kubectl), *words, f"service/{RELEASE}-web", ":80", stdout=asyncio.subprocess.PIPE
    )
    assert forward.stdout is not None
    try:
        line = (await asyncio.wait_for(forward.stdout.readline(), 30)).decode()
        port = line.split(" -> ")[0].rsplit(":", 1)[1]
        headers = {"Authorization": f"Bearer {token(world, account)}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
            yield Api(session, world.namespace)
    finally:
        forward.terminate()
        await forward.wait()


async def until(ask: Any, wanted: Any) -> Any:
    """Ask until the answer is as wanted: the metastore follows the cluster in about a second."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not wanted(answer := await ask()):
        assert time.monotonic() < give_up_at, answer
        await asyncio.sleep(0.3)
    return answer


async def test_a_viewer_sees_what_has_run(place: World) -> None:
    """Dag, run, task with its output, and the grid; but no log, and nothing can be changed."""
    async with api(place, "viewer") as seen:
        status, run = await until(
            lambda: seen.get(f"{seen.here}/runs/seen-run"), lambda told: told[1].get("state") == "Success"
        )
        assert (status, run["dag"], run["progress"]) == (200, "seen", "1/1")
        _, task = await seen.get(f"{seen.here}/runs/seen-run/tasks/say")
        assert (task["state"], task["output"]) == ("Success", {"rows": 3})
        _, grid = await seen.get(f"{seen.here}/dags/seen/grid/states", run="seen-run")
        _, structure = await seen.get(f"{seen.here}/dags/seen/grid/structure")
        assert structure["states"][grid["items"][0]["states"][0]] == "Success"
        _, dags = await seen.get("/api/v1/dags")
        assert {dag["namespace"] for dag in dags["items"]} == {place.namespace}
        assert (await seen.get(f"{seen.here}/runs/seen-run/tasks/say/attempts/1/log"))[0] == 403
        assert (await seen.post(f"{seen.here}/dags/seen/runs", {}))[0] == 403
        assert (await seen.post(f"{seen.here}/runs/seen-run/clear", {"dryRun": True}))[0] == 403


async def test_a_reader_reads_the_log(place: World) -> None:
    """Live from the API server, with the right of `kubectl logs`."""
    async with api(place, "reader") as seen:
        path = f"{seen.here}/runs/seen-run/tasks/say/attempts/1/log"
        status, text = await until(lambda: seen.get(path), lambda told: told[0] == 200)
        assert (status, text) == (200, "hello from the log\n")


async def test_a_runner_triggers_and_clears(place: World) -> None:
    """As themselves: the API server's own record names them, and the run does as it was told."""
    async with api(place, "runner") as seen:
        status, told = await seen.post(f"{seen.here}/dags/seen/runs", {"dryRun": True})
        assert (status, told["dryRun"]) == (201, True)
        status, made = await seen.post(f"{seen.here}/dags/seen/runs", {"note": "by hand"})
        assert status == 201
        name = made["name"]
        await asyncio.to_thread(place.ended, name)
        _, preview = await until(
            lambda: seen.post(f"{seen.here}/runs/{name}/clear", {"dryRun": True}),
            lambda told: told[1].get("cleared") == ["say"],
        )
        status, _ = await seen.post(f"{seen.here}/runs/{name}/clear", {"expect": preview["token"]})
        assert status == 200
        handled = await asyncio.to_thread(
            place.until, "the request is handled", lambda: place.get("dagrun", name)["status"].get("requests")
        )
        assert handled[0]["by"] == f"system:serviceaccount:{place.namespace}:runner"
        assert (await seen.get(f"{seen.here}/pools/default"))[0] == 403
    if place.cluster.audit_log is not None:
        writers = {
            entry["user"]["username"]
            for entry in place.audit()
            if entry["verb"] in ("create", "patch") and entry.get("userAgent", "").startswith("slipway-web")
            if entry["objectRef"]["resource"] == "dagruns"
        }
        assert writers == {f"system:serviceaccount:{place.namespace}:runner"}


async def test_nobody_sees_nothing(place: World) -> None:
    """Known to the API server, without any right; and a token that is none."""
    async with api(place, "nobody") as seen:
        assert (await seen.get("/api/v1/session"))[0] == 200
        assert (await seen.get("/api/v1/namespaces"))[1] == {"items": []}
        assert (await seen.get("/api/v1/runs"))[1]["items"] == []
        assert (await seen.get(f"{seen.here}/runs/seen-run"))[0] == 403
        assert (await seen.get("/api/v1/runs", namespace="kube-system"))[0] == 403


async def test_the_controller_is_seen_to_live(place: World) -> None:
    """Its heartbeat is a few seconds old; one that has just started tells in its next beat that it is ready."""
    async with api(place, "nobody") as seen:
        _, told = await until(
            lambda: seen.get("/api/v1/health"), lambda told: told[1].get("controller", {}).get("ready")
        )
        assert told["metastore"]["answers"]
        assert told["controller"]["alive"]


async def test_a_change_is_told_within_two_seconds(place: World) -> None:
    """From the watch to the browser."""
    wanted = {"namespace": place.namespace}
    async with api(place, "runner") as seen, seen.session.get("/api/v1/events", params=wanted) as stream:
        await stream.content.readuntil(b"event: changes")
        _, made = await seen.post(f"{seen.here}/dags/seen/runs", {})
        async with asyncio.timeout(2):
            while made["name"].encode() not in await stream.content.readline():
                pass


def test_the_web_server_has_no_credentials(place: World) -> None:
    """No token lies in its container, so it could do nothing by itself."""
    words = ("-n", SYSTEM, "exec", f"deployment/{RELEASE}", "-c", "web", "--")
    with pytest.raises(ClusterError):
        place.kubectl(*words, "cat", "/var/run/secrets/kubernetes.io/serviceaccount/token")
    pods = json.loads(place.kubectl("-n", SYSTEM, "get", "pods", "-o", "json"))["items"]
    assert any(container["name"] == "web" for pod in pods for container in pod["spec"]["containers"])
