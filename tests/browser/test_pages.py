"""Every page, in every theme, with a made history: it is whole, complains of nothing, and is open to everybody."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, failed_run, settled, signed_in

RUN: Final = "{run}"
"""Stands for the newest failed run of team-a's Dag etl."""
PAGES: Final = (
    "/",
    "/dags",
    "/dags?namespace=team-b&tag=small",
    "/dags/team-a/etl/grid",
    "/dags/team-a/etl/graph",
    "/dags/team-a/etl/gantt",
    "/dags/team-a/etl/calendar",
    "/dags/team-a/etl/runs",
    "/dags/team-a/etl/revisions",
    "/dags/team-a/etl/details",
    "/dags/team-a/etl/trigger",
    "/dags/team-a/broken/details",
    "/dags/team-b/by-hand/grid",
    "/runs",
    f"/runs/team-a/{RUN}",
    f"/runs/team-a/{RUN}/tasks/extract?tab=log",
    f"/runs/team-a/{RUN}/tasks/extract?tab=attempts",
    f"/runs/team-a/{RUN}/tasks/part?index=1&tab=spec",
    f"/runs/team-a/{RUN}/tasks/extract?tab=outputs",
    f"/runs/team-a/{RUN}/tasks/extract?tab=events",
    f"/runs/team-a/{RUN}/tasks/report?tab=why",
    "/pools",
    "/backfills",
    "/approvals",
    "/assets",
    "/audit",
)
THEMES: Final = ("dark", "contrast")
"""Besides light. They are other colours of the same elements, so of each page only the colours are looked at again."""
_ALL: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
}
_COLOURS: Final[dict[str, Any]] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.fixture(scope="module")
def lasting(browser: Browser, demo: Server) -> Iterator[Page]:
    """One page for all addresses."""
    with signed_in(browser, demo) as opened:
        yield opened


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_and_open_to_everybody(lasting: Page, address: str) -> None:
    """It has its heading and its words, is no wider than the window, and axe finds nothing, in any theme."""
    lasting.goto(address.replace(RUN, failed_run(lasting)))
    settled(lasting)
    heading = lasting.get_by_role("heading", level=1)
    expect(heading).not_to_have_text("")
    expect(heading).not_to_have_text("There is no such page")
    wide = lasting.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{wide} pixels wider than the window"
    _is_open(lasting, _ALL)
    for theme in THEMES:
        lasting.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        _is_open(lasting, _COLOURS)


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_that_was_picked_is_shown_at_once(browser: Browser, demo: Server, theme: str) -> None:
    """By the attribute that the test above sets itself."""
    with signed_in(browser, demo, theme) as page:
        page.goto("/dags")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        settled(page)


def test_an_address_that_leads_nowhere_offers_a_way_on(page: Page) -> None:
    """Neither a blank page nor a dead end."""
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _is_open(page: Page, options: dict[str, Any]) -> None:
    found = Axe().run(page, options=options)
    assert found.response["violations"] == [], found.generate_report()
