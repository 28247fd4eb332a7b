"""Every page, in every theme, with a made history: it is whole, complains of nothing, and is open to everybody."""

from collections.abc import Iterator
from contextlib import ExitStack
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
CONTRASTED: Final = (
    "/",
    "/dags",
    "/dags/team-a/etl/grid",
    "/dags/team-a/etl/graph",
    f"/runs/team-a/{RUN}",
    "/approvals",
)
"""Looked at in high contrast too: between them they have every part."""
_AXE: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
}


@pytest.fixture(scope="module")
def themed(browser: Browser, demo: Server) -> Iterator[dict[str, Page]]:
    """A page by theme."""
    with ExitStack() as stack:
        yield {theme: stack.enter_context(signed_in(browser, demo, theme)) for theme in ("light", "dark", "contrast")}


@pytest.mark.parametrize(
    ("theme", "address"),
    [*(("light", each) for each in PAGES), *(("dark", each) for each in PAGES), *(("contrast", c) for c in CONTRASTED)],
)
def test_a_page_is_whole_and_open_to_everybody(themed: dict[str, Page], theme: str, address: str) -> None:
    """It has its heading and its words, is no wider than the window, and axe finds nothing."""
    page = themed[theme]
    page.goto(address.replace(RUN, failed_run(page)))
    settled(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).not_to_have_text("")
    expect(heading).not_to_have_text("There is no such page")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{wide} pixels wider than the window"
    found = Axe().run(page, options=_AXE)
    assert found.response["violations"] == [], found.generate_report()


def test_an_address_that_leads_nowhere_offers_a_way_on(page: Page) -> None:
    """Neither a blank page nor a dead end."""
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
