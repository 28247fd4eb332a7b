"""A trusted proxy before the real API server: users without a token of their own have just their rights."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from controller.web.identity import OWN_HEADER
from controller.web.proxied import SECRET_HEADER
from tests.e2e.local_web import local_web
from tests.e2e.world import World

pytestmark = pytest.mark.cluster

SECRET: Final = "known-to-the-proxy-and-to-us"  # noqa: S105 made up
USER, GROUPS = "X-Remote-User", "X-Remote-Groups"
LOOKS: Final = 30
SETTINGS: Final = {
    "SLIPWAY_WEB_PROXY_USER_HEADER": USER,
    "SLIPWAY_WEB_PROXY_GROUPS_HEADER": GROUPS,
    "SLIPWAY_WEB_PROXY_SECRET": SECRET,
}


class Proxy:
    """Sends requests as a proxy would that knows its users."""

    def __init__(self, session: aiohttp.ClientSession, address: str, world: World) -> None:
        self._session = session
        self.world = world
        self._address = address
        self.pause = f"/api/v1/namespaces/{world.namespace}/dags/seen/pause"

    async def get(self, path: str, user: str, groups: str = "", secret: str = SECRET) -> tuple[int, Any]:
        """The status and the answer, for this user."""
        return await self._send("GET", path, {USER: user, GROUPS: groups, SECRET_HEADER: secret})

    async def pauses(self, user: str, groups: str = "") -> tuple[int, Any]:
        """The status and the answer when the user pauses the Dag, in our own page."""
        headers = {OWN_HEADER: "1", "Origin": self._address, USER: user, GROUPS: groups, SECRET_HEADER: SECRET}
        return await self._send("POST", self.pause, headers, {"paused": True})

    async def _send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        async with self._session.request(method, self._address + path, headers=headers, json=body) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def proxy(world: World, tmp_path: Path) -> AsyncIterator[Proxy]:
    """A proxy, a web server behind it that has an administrator's credentials, and a Dag."""
    world.dag("seen", [{"name": "say", "script": "true"}])
    with local_web(world.cluster, tmp_path, **SETTINGS) as address:
        async with aiohttp.ClientSession() as session:
            yield Proxy(session, address, world)


def let(world: World, role: str, verbs: str, subject: str) -> None:
    """Give a user or a group these verbs on Dags and runs."""
    world.kubectl("create", "role", role, f"--verb={verbs}", "--resource=dags.slipway.dev,dagruns.slipway.dev")
    world.kubectl("create", "rolebinding", role, f"--role={role}", subject)


async def until_status(proxy: Proxy, path: str, user: str, groups: str, status: int) -> Any:
    """The answer once it has this status: a refusal is remembered for five seconds."""
    for _ in range(LOOKS):
        found, answer = await proxy.get(path, user, groups)
        if found == status:
            return answer
        await asyncio.sleep(0.5)
    raise AssertionError(f"{path} still answers {found} to {user}: {answer}")


async def test_the_api_server_judges_the_user(proxy: Proxy) -> None:
    """Alice has no rights, until a Role gives her some; the administrator's are never hers."""
    dag = f"/api/v1/namespaces/{proxy.world.namespace}/dags/seen"
    status, who = await proxy.get("/api/v1/session", "alice")
    assert (status, who["user"], who["proxied"]) == (200, "alice", True)
    assert (await proxy.get(dag, "alice"))[0] == 403
    assert (await proxy.get("/api/v1/dags", "alice"))[1]["items"] == []
    let(proxy.world, "reader", "get", "--user=alice")
    assert (await until_status(proxy, dag, "alice", "", 200))["name"] == "seen"
    assert (await proxy.pauses("alice"))[0] == 403
    assert (await proxy.get(dag, "mallory"))[0] == 403


async def test_a_group_gives_rights(proxy: Proxy) -> None:
    """They come by the group that the proxy names, and the change stands under the user's name."""
    let(proxy.world, "operators", "get,patch", "--group=operators")
    dag = f"/api/v1/namespaces/{proxy.world.namespace}/dags/seen"
    await until_status(proxy, dag, "bob", "people,operators", 200)
    assert (await proxy.get(dag, "bob", "people"))[0] == 403
    status, told = await proxy.pauses("bob", "people,operators")
    assert status == 200, told
    assert proxy.world.get("dag", "seen")["spec"]["paused"] is True
    if proxy.world.cluster.audit_log is not None:
        impersonated = [
            entry["impersonatedUser"]["username"]
            for entry in proxy.world.audit()
            if entry["verb"] == "patch" and entry.get("userAgent", "").startswith("slipway-web")
        ]
        assert impersonated == ["bob"]


@pytest.mark.parametrize(
    ("user", "groups", "secret"),
    [
        ("alice", "system:masters", SECRET),
        ("system:admin", "", SECRET),
        ("system:kube-controller-manager", "", SECRET),
        ("alice", "kubeadm:cluster-admins", SECRET),
        ("kubernetes-admin", "", "guessed-by-somebody-else"),
        ("kubernetes-admin", "", ""),
    ],
)
async def test_nobody_gets_power_by_a_header(proxy: Proxy, user: str, groups: str, secret: str) -> None:
    """Neither with a powerful name nor without the secret."""
    assert (await proxy.get("/api/v1/session", user, groups, secret))[0] == 403
