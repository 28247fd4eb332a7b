"""An alert and the folder of targets -> the message, sent by apprise; or in a few words what stood in the way.

A send has 20 s, in a thread: two at once for each target, so that one that hangs keeps nobody else from being told.
Nothing of a URL is ever logged or told but its scheme: what apprise says is cleared of every part of the URL.
"""

import asyncio
import hashlib
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Protocol

from controller.act.alert_targets import NoTarget, TargetFile, read_target
from controller.act.perform import Perform
from controller.log import Logger
from controller.model.action import Action
from controller.model.alerts import SendAlert

SEND_SECONDS: Final = 20.0
AT_ONCE: Final = 2
"""Sends to one target at once."""
KEY_HEADER: Final = "X-Slipway-Alert"
"""Carries the alert's key where the channel has headers: mail, JSON, XML and forms."""
_TAKEN_KEPT: Final = 10_000
_MASKED: Final = 4
"""Parts of a URL of so many characters or more are masked in what is told."""

_log = Logger(__name__)


class Sender(Protocol):
    """Whatever sends alerts: `AlertSender`, or what stands in for it in a simulation."""

    async def send(self, action: SendAlert) -> str:
        """What stood in the way; empty when the target has taken it. Never an error."""


class Posting:
    """Performs actions as another one does, and sends alerts; `tried` is told what came of each."""

    def __init__(self, perform: Perform, sender: Sender, tried: Callable[[SendAlert, str, datetime], None]) -> None:
        self._perform = perform
        self._sender = sender
        self._tried = tried

    async def perform(self, action: Action, now: datetime) -> None:
        """Do it; one of errors.py when it can't be done."""
        if isinstance(action, SendAlert):
            self._tried(action, await self._sender.send(action), now)
        else:
            await self._perform(action, now)


class AlertSender:
    """Sends to the targets of a folder; without a folder there are none."""

    def __init__(self, folder: str, seconds: float = SEND_SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._taken: dict[tuple[str, str], set[str]] = {}
        """Of an alert that one URL of its target took and another did not: digests of those that did."""
        self.sent: Counter[str] = Counter()
        """Alerts that were taken, by target."""
        self.failed: Counter[str] = Counter()
        """Tries that failed, by target."""

    async def send(self, action: SendAlert) -> str:
        """What stood in the way; empty when the target has taken it."""
        trouble = await self.attempt(action)
        (self.failed if trouble else self.sent)[action.target] += 1
        about = {"target": action.target, "alert": action.key, "object": str(action.about.key)}
        if trouble:
            _log.warning("alert not sent", error=trouble, **about)
        else:
            _log.info("alert sent", **about)
        return trouble

    async def attempt(self, action: SendAlert) -> str:
        """The same, neither counted nor logged."""
        try:
            file = read_target(self._folder, action.target)
        except NoTarget as fault:
            return str(fault)
        if not file.target.serves(action.about.namespace):
            return f"target {action.target} is not for namespace {action.about.namespace}"
        if not file.urls:
            return f"target {action.target} has no URL"
        if action.target not in self._threads:
            self._threads[action.target] = ThreadPoolExecutor(AT_ONCE, f"alerts-{action.target}")
        threads = self._threads[action.target]
        work = asyncio.get_running_loop().run_in_executor(threads, self._deliver, action, file)
        try:
            return await asyncio.wait_for(work, self._seconds)
        except TimeoutError:
            return f"no answer within {self._seconds:g} s"
        except Exception as error:  # a service's code may fail in any way, and the alert is to be tried again
            return f"{type(error).__name__}"

    def _deliver(self, action: SendAlert, file: TargetFile) -> str:
        """Send to each URL that has not taken it yet; what stood in the way of the first that did not."""
        key = (action.key, action.target)
        taken = self._taken.setdefault(key, set())
        troubles = []
        for number, url in enumerate(file.urls, 1):
            digest = hashlib.sha256(url.encode()).hexdigest()
            if digest in taken:
                continue
            trouble = deliver(url, action)
            if trouble:
                troubles.append(f"{_scheme(url)}: {trouble}" if len(file.urls) == 1 else f"URL {number}: {trouble}")
            else:
                taken.add(digest)
        if not troubles:
            self._taken.pop(key, None)
        while len(self._taken) > _TAKEN_KEPT:
            self._taken.pop(next(iter(self._taken)))
        return troubles[0] if troubles else ""


def deliver(url: str, action: SendAlert) -> str:
    """Send to one URL; what stood in the way."""
    import apprise  # of 4 MB: only where something is sent
    from apprise.common import OverflowMode

    asset = apprise.AppriseAsset(app_id="Slipway", app_desc="Slipway", async_mode=False, storage_mode="memory")
    with _overheard() as told:
        plugin: Any = apprise.Apprise.instantiate(url, asset=asset)
        if plugin is None:
            return "is not a URL that apprise understands"
        if isinstance(getattr(plugin, "headers", None), dict):
            plugin.headers[KEY_HEADER] = action.key
        if "overflow=" not in url:
            plugin.overflow_mode = OverflowMode.SPLIT
        is_taken = plugin.notify(body=action.text, title=action.title, notify_type=action.tone, body_format="text")
    return "" if is_taken else without_secrets(told, url) or "the service did not take it"


class _Ear(logging.Handler):
    """Hears what one thread logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, if it is this thread's."""
        if record.thread == self.thread:
            self.heard.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What apprise says in this thread; it says so nowhere else, as its lines may hold whole URLs."""
    ear, logger = _Ear(), logging.getLogger("apprise")
    logger.propagate = False
    logger.addHandler(ear)
    try:
        yield ear.heard
    finally:
        logger.removeHandler(ear)


def without_secrets(heard: list[str], url: str) -> str:
    """The first line of what apprise says, without any part of the URL."""
    lines = heard[0].splitlines() if heard else []
    line = lines[0] if lines else ""
    for part in sorted(_parts(url), key=len, reverse=True):
        line = line.replace(part, "***")
    return line[:300]


def _parts(url: str) -> Iterator[str]:
    """The parts of a URL that may be secret, as written and as decoded."""
    from urllib.parse import unquote

    rest = url.partition("://")[2]
    for part in re.split(r"[/:@?&=#,;]+", rest):
        for text in {part, unquote(part)}:
            if len(text) >= _MASKED:
                yield text


def _scheme(url: str) -> str:
    return url.partition("://")[0]
