"""A running server and an address of its UI -> a picture of the page, and what the browser complained of.

python -m tests.web.screenshot http://127.0.0.1:8137 /dags out.png [--theme dark] [--user admin] [--size 1400x900]
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.browser.chromium import chromium

SETTLED_MS: Final = 1500


def main() -> int:
    """Take the picture; 1 when the browser complained of anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("address")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--theme", choices=("light", "dark", "contrast", "system"), default="light")
    parser.add_argument("--user", default="admin", help="whose token signs in; empty = nobody's")
    parser.add_argument("--size", default="1400x900")
    parser.add_argument("--press", default="", help="keys to press on the page, such as '?'")
    parser.add_argument("--click", default="", help="text, or CSS selector, to click on the page")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": int(width), "height": int(height)})
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(f"localStorage.setItem('slipway.theme', '{asked.theme}')")
        if asked.user:
            sign_in(page, asked.server, asked.user)
        page.goto(asked.server + asked.address)
        page.wait_for_timeout(SETTLED_MS)
        if asked.click:
            page.locator(asked.click).first.click()
        if asked.press:
            page.keyboard.press(asked.press)
        if asked.click or asked.press:
            page.wait_for_timeout(SETTLED_MS)
        page.screenshot(path=asked.picture)
        too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if too_wide:
        complaints.append("The page is wider than the window")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def sign_in(page: Page, server: str, user: str) -> None:
    """Let the browser have the user's session."""
    answer = page.request.post(
        f"{server}/api/v1/session",
        data={"token": f"token-of-{user}"},
        headers={"Origin": server, "X-Slipway-Request": "screenshot"},
    )
    if not answer.ok:
        raise SystemExit(f"Nobody could sign in as {user}: {answer.text()}")


if __name__ == "__main__":
    sys.exit(main())
