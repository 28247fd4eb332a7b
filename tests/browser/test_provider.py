"""Signing in by OpenID Connect in a real browser, which has its own mind on which cookies it takes and sends."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from controller.metastore.migrate import migrate
from controller.web.oidc.provider import Provider
from controller.web.serve import configured
from controller.web.settings import CALLBACK, WebSettings
from tests.browser.conftest import _free_port, _wait_for
from tests.metastore.recording import RecordingWriter
from tests.web.conftest import make_web
from tests.web.oidc_provider import CLIENT, SmallProvider, running_provider


@dataclass
class Site:
    """A web server and a provider, which are two sites to a browser, as their addresses differ."""

    port: int
    database: str
    static: Path
    provider: SmallProvider | None = None
    server: uvicorn.Server | None = None
    known: bool = True
    """Whether the API server knows the provider's tokens."""

    @property
    def url(self) -> str:
        """Where Slipway is."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self) -> None:
        """Serve both until the server is told to end."""
        async with running_provider("127.0.0.2") as self.provider:
            self.provider.callback = self.url + CALLBACK
            settings = WebSettings(
                database_url=self.database,
                port=self.port,
                insecure_cookies=True,
                origins=(self.url,),
                oidc_issuer=self.provider.issuer,
                oidc_client_id=CLIENT,
                oidc_name="the small provider",
            )
            async with Provider(settings) as ours:
                with closing(RecordingWriter(self.database)) as writer:
                    web = make_web(writer, self.static, settings, ours)
                    signed = self.provider.signed

                    def sign(claims: Mapping[str, Any]) -> str:
                        token = signed(claims)
                        if self.known:
                            web.server.users[token] = "ada"
                        return token

                    self.provider.sign = sign
                    self.server = uvicorn.Server(configured(web.app, settings))
                    await self.server.serve()
                    web.parts.reader.close()


@pytest.fixture
def site(static: Path, tmp_path: Path) -> Iterator[Site]:
    """Both, while the test runs."""
    database = f"sqlite:///{tmp_path}/slipway.db"
    migrate(database)
    served = Site(_free_port(), database, static)
    thread = threading.Thread(target=lambda: asyncio.run(served.serve()))
    thread.start()
    try:
        _wait_for(served.port, thread.is_alive)
        yield served
    finally:
        if served.server is not None:
            served.server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    context = browser.new_context(base_url=site.url)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    context.close()


def signs_in(page: Page) -> None:
    """What a person clicks."""
    page.get_by_role("link", name="Sign in with the small provider").click()
    page.get_by_role("link", name="Go on as ada").click()


def test_there_and_back(page: Page, site: Site) -> None:
    """From a page that needs a sign-in, through the other site, to that page again; its cookie is out of reach."""
    page.goto("/pools?name=x")
    signs_in(page)
    page.wait_for_url(f"{site.url}/pools?name=x")
    expect(page.get_by_role("heading", name="Pools", level=1)).to_be_visible()
    expect(page.locator("summary.user")).to_have_text("ada")
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("slipway", True, "Strict")


def test_an_api_server_that_does_not_know_the_provider(page: Page, site: Site) -> None:
    """The sign-in page says so in one sentence, and another try goes on to where the first one was to end."""
    site.known = False
    page.goto("/pools")
    signs_in(page)
    expect(page.get_by_role("alert")).to_contain_text("API server does not accept tokens of http://127.0.0.2")
    site.known = True
    signs_in(page)
    page.wait_for_url(f"{site.url}/pools")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_is_open_to_everybody(page: Page, theme: str) -> None:
    """With a provider's button and a fault on it, it has no barrier that axe finds."""
    page.add_init_script(f"localStorage.setItem('slipway.theme', '{theme}')")
    page.goto("/signin?fault=refused&next=/pools")
    expect(page.get_by_role("alert")).to_contain_text("did not sign you in")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "best-practice"]}})
    assert found.response["violations"] == []
