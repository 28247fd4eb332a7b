"""One browser and one server with a made history for all tests, and pages that must not complain."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.chromium import chromium
from tests.house.tree import ROOT
from tests.web.demo_server import Demo

UI: Final = ROOT / "ui"
_START_SECONDS: Final = 60
_NETWORK_CHANGED: Final = "net::ERR_NETWORK_CHANGED"
"""What Chromium says of its requests when a Pod of this machine comes or goes; it sends them again by itself."""
COUNTED: Final = """
  const real = window.fetch;
  let asked = 0;
  Object.defineProperty(window, '__asked', { get: () => asked });
  window.fetch = (...given) => {
    asked += 1;
    return real(...given).finally(() => { asked -= 1; });
  };
"""
"""Counts the requests of a page that are not answered; the event stream, which never ends, is none of them."""
_SETTLED: Final = """(patience) => new Promise((done, fail) => {
  const last = performance.now() + patience;
  let calm = 0;
  const look = () => {
    const busy = window.__asked !== 0 || document.querySelector('.loading') !== null;
    calm = busy || document.readyState !== 'complete' ? 0 : calm + 1;
    if (calm >= 4) return done();
    return performance.now() > last ? fail(new Error('the page does not settle')) : requestAnimationFrame(look);
  };
  look();
})"""
"""Four frames in which nothing is asked or loading: an answer is drawn in the one after it, and may ask for more."""


@dataclass(frozen=True)
class Server:
    """A web server with a made history."""

    url: str
    user_token: str = "token-of-admin"  # noqa: S105 a stand-in's


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, closed before tests elsewhere: while it is open, an event loop of Playwright's runs in this thread."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The UI, built from this checkout."""
    folder = tmp_path_factory.mktemp("static")
    build_ui(folder)
    return folder


def build_ui(folder: Path) -> None:
    """The UI as its files are now -> its pages and scripts in the folder."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: the UI is built with Node 20"
    if not (UI / "node_modules").is_dir():
        _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    _run(npm, "run", "build", "--", "--outDir", str(folder), "--emptyOutDir")


@dataclass(frozen=True)
class DemoServer(Server):
    """One in this process, so that a test can change the world behind it."""

    world: Demo = field(kw_only=True)
    loop: asyncio.AbstractEventLoop = field(kw_only=True)

    def do(self, work: Callable[[], object]) -> None:
        """Do this where the server works, and wait until it is done."""

        async def done() -> None:
            work()

        asyncio.run_coroutine_threadsafe(done(), self.loop).result(20)

    def beat(self) -> None:
        """Let the controller say how it is at once."""
        asyncio.run_coroutine_threadsafe(self.world.beat(), self.loop).result(20)


@pytest.fixture(scope="package")
def demo(static: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The server, with a namespace in it whose texts are meant to do harm."""
    port = _free_port()
    world = Demo(f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.db", port, static, hostile=True)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(world.serve(goes_on=False),))
    thread.start()
    try:
        _wait_for(port, thread.is_alive)
        yield DemoServer(f"http://127.0.0.1:{port}", world=world, loop=loop)
    finally:
        world.server.should_exit = True
        thread.join(20)
        loop.close()


@contextmanager
def demo_server(static: Path) -> Iterator[Server]:
    """The server, in a process of its own that ends with the block; nothing goes on in its history."""
    port = _free_port()
    words = ["-m", "tests.web.demo_server", "--port", str(port), "--static", str(static), "--still"]
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=os.environ)
    try:
        server = Server(f"http://127.0.0.1:{port}")
        _wait_for(port, lambda: process.poll() is None)
        yield server
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def page(browser: Browser, demo: Server) -> Iterator[Page]:
    """A page of somebody who has signed in; whatever the browser complains of fails the test."""
    with signed_in(browser, demo) as opened:
        yield opened


@contextmanager
def signed_in(browser: Browser, server: Server, theme: str = "light") -> Iterator[Page]:
    """A page of its own context, so of its own session and storage."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1400, "height": 900})
    context.add_init_script(f"localStorage.setItem('slipway.theme', '{theme}')")
    context.add_init_script(COUNTED)
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    answer = context.request.post(
        "/api/v1/session",
        data={"token": server.user_token},
        headers={"Origin": server.url, "X-Slipway-Request": "test"},
    )
    assert answer.ok, answer.text()
    try:
        yield page
    finally:
        context.close()
    assert [told for told in complaints if _NETWORK_CHANGED not in told] == []


def _complaint(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location['url']})"


def failed_run(page: Page) -> str:
    """The newest failed run of team-a's Dag etl."""
    answer = page.context.request.get("/api/v1/runs?namespace=team-a&dag=etl&state=Failed&limit=1")
    name = answer.json()["items"][0]["name"]
    assert isinstance(name, str)
    return name


def settled(page: Page) -> None:
    """Wait until nothing is asked or loading any more; the page's context must have the script COUNTED."""
    expect(page.get_by_role("main")).to_be_visible()
    page.evaluate(_SETTLED, 15_000)


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=UI, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, is_alive: Callable[[], bool]) -> None:
    last = time.monotonic() + _START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            assert is_alive(), "the server with the made history has ended"
            assert time.monotonic() < last, "the server with the made history does not answer"
            time.sleep(0.2)
