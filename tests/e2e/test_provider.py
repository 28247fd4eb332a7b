"""An OpenID Connect provider whose tokens the real API server takes: who signs in has the rights that RBAC gives."""

import asyncio
import datetime
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from controller.web.settings import CALLBACK
from tests.cluster.native.pki import write_server
from tests.e2e.local_web import ADDRESS, local_web
from tests.e2e.world import World
from tests.web.oidc_provider import CLIENT, SmallProvider, running_provider

pytestmark = pytest.mark.cluster

HOST: Final = "127.0.0.2"
USER: Final = "oidc:ada"
LOOKS: Final = 120
"""Half seconds: the API server looks for a changed file once a minute, and asks the provider for its keys then."""


@dataclass(frozen=True)
class Browser:
    """Somebody's browser, without the pictures."""

    session: aiohttp.ClientSession
    provider: SmallProvider

    async def signs_in(self) -> tuple[int, str]:
        """The status and the place at the end of the way to the provider and back."""
        async with self.session.get(f"{ADDRESS}/api/v1/session/oidc?next=/dags", allow_redirects=False) as begun:
            back = self.provider.authorise(begun.headers["Location"])
        async with self.session.get(back, headers={"Accept": "text/html"}, allow_redirects=False) as ended:
            return ended.status, ended.headers["Location"]

    async def sees(self, path: str) -> tuple[int, Any]:
        """The status and the answer of the API, with nothing but the session's cookie."""
        async with self.session.get(f"{ADDRESS}/api/v1/{path}") as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def known_provider(world: World, tmp_path: Path) -> AsyncIterator[SmallProvider]:
    """A provider that the API server knows while the test runs."""
    config = world.cluster.authentication
    assert config is not None, "this cluster's API server can't be told of a provider"
    write_server(tmp_path / "pki", "provider", (HOST,), datetime.datetime.now(datetime.UTC))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "pki/provider.crt", tmp_path / "pki/provider.key")
    before = config.read_text()
    async with running_provider(HOST, tls) as provider:
        provider.callback = ADDRESS + CALLBACK
        jwt = {
            "issuer": {
                "url": provider.issuer,
                "audiences": [CLIENT],
                "certificateAuthority": (tmp_path / "pki/ca.crt").read_text(),
            },
            "claimMappings": {"username": {"claim": "sub", "prefix": "oidc:"}},
        }
        config.write_text(json.dumps(json.loads(before) | {"jwt": [jwt]}))
        try:
            yield provider
        finally:
            config.write_text(before)


@pytest.fixture
async def ada(world: World, known_provider: SmallProvider, tmp_path: Path) -> AsyncIterator[Browser]:
    """A person's browser, and a web server that offers the provider."""
    world.dag("seen", [{"name": "say", "script": "true"}])
    settings = {
        "SLIPWAY_WEB_ORIGINS": json.dumps([ADDRESS]),
        "SLIPWAY_WEB_INSECURE_COOKIES": "true",
        "SLIPWAY_WEB_OIDC_ISSUER": known_provider.issuer,
        "SLIPWAY_WEB_OIDC_CLIENT_ID": CLIENT,
        "SLIPWAY_WEB_OIDC_CA": str(tmp_path / "pki/ca.crt"),
    }
    with local_web(world.cluster, tmp_path, **settings):
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(session, known_provider)


async def test_the_api_server_takes_the_providers_token(ada: Browser, world: World) -> None:
    """Sign in, be known by the provider's name, see nothing without a right, and see the Dag once there is one."""
    for _ in range(LOOKS):
        status, place = await ada.signs_in()
        if (status, place) == (303, "/dags"):
            break
        assert "fault=not-accepted" in place  # until the API server has read of the provider
        await asyncio.sleep(0.5)
    assert (status, place) == (303, "/dags")
    status, session = await ada.sees("session")
    assert (status, session["user"]) == (200, USER)
    dag = f"namespaces/{world.namespace}/dags/seen"
    assert (await ada.sees(dag))[0] == 403
    world.kubectl("create", "role", "view", "--verb=get,list", "--resource=dags.slipway.dev,dagruns.slipway.dev")
    world.kubectl("create", "rolebinding", "view", "--role=view", f"--user={USER}")
    for _ in range(LOOKS):  # a refusal is remembered for five seconds
        status, answer = await ada.sees(dag)
        if status == 200:
            break
        await asyncio.sleep(0.5)
    assert (status, answer["name"]) == (200, "seen")
