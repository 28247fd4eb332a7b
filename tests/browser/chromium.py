"""A real Chromium, driven by Playwright: the machine's own, or else Debian's package."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.cluster.debian import install

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_AS_ROOT: Final = ("--no-sandbox",)
"""Chromium's sandbox refuses to work for root."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, closed in the end."""
    path = _path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(path),
            args=list(_AS_ROOT) if os.getuid() == 0 else [],
            chromium_sandbox=os.getuid() != 0,
        )
        try:
            yield browser
        finally:
            browser.close()


def _path() -> Path:
    found = _found()
    if found is None:
        install("chromium", "fonts-dejavu-core")  # a font that has all letters, since a bare machine has none
        found = _found()
    assert found is not None, f"no browser: none of {', '.join(_NAMES)} is there, and Debian's package brought none"
    return found


def _found() -> Path | None:
    return next((Path(path) for name in _NAMES if (path := shutil.which(name)) is not None), None)
