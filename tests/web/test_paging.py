"""Pages: together they are the whole list, whatever is added meanwhile, and each costs the same."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.web.paging import read_cursor, write_cursor
from controller.web.problems import Invalid
from tests.metastore.objects import at
from tests.web.client import Client
from tests.web.conftest import Web
from tests.web.objects import A, run

PEOPLE = ["/backfills", "/approvals", "/assets", "/assets/events", "/audit"]
LISTS = ["/dags", "/runs", "/pools", *PEOPLE, f"/namespaces/{A}/dags/etl/runs", f"/namespaces/{A}/dags/etl/grid/runs"]
OTHER = [f"/namespaces/{A}/dags/etl/revisions", f"/namespaces/{A}/runs/etl-03/tasks"]


async def pages(client: Client, path: str, limit: int, between: Any = None) -> Sequence[Any]:
    """Every item, page by page; `between` is called after each page."""
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(f"/api/v1{path}", {"limit": limit, **cursor})
        assert answer.status == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if "next" not in page or page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}
        if between is not None:
            between()


@pytest.mark.parametrize("path", [*LISTS, *OTHER])
async def test_pages_together_are_the_list(web: Web, path: str) -> None:
    """Of any size, they hold the same items in the same order, none twice."""
    whole = await pages(web.admin, path, 500)
    assert whole
    for limit in (1, 2, 3, len(whole)):
        assert await pages(web.admin, path, limit) == whole


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 7), dates=st.lists(st.integers(-5, 15), min_size=1, max_size=6))
def test_rows_that_come_between_double_none(web: Web, limit: int, dates: list[int]) -> None:
    """What was there at the first page comes once and in order; a new row may come, once, or not."""
    number = web.writer.pending
    added: list[str] = []

    def add() -> None:
        nonlocal number
        if dates:
            number += 1
            name = f"new-{len(web.writer.commits)}-{number}"
            added.append(name)
            web.record(run(A, name, 1000 + number, spec={"logicalDate": at(3600 * dates.pop() + 1)}))

    async def look() -> tuple[Sequence[Any], Sequence[Any]]:
        path = f"/namespaces/{A}/dags/etl/runs"
        before = await pages(web.admin, path, 500)
        return before, await pages(web.admin, path, limit, add)

    before, seen = asyncio.run(look())
    names = [each["name"] for each in seen]
    assert len(names) == len(set(names))
    assert [name for name in names if name not in added] == [each["name"] for each in before]


@pytest.mark.parametrize("limit", [0, -1, 501, 10**30])
@pytest.mark.parametrize("path", [*LISTS, *OTHER])
async def test_a_page_has_a_cap(web: Web, path: str, limit: int) -> None:
    """More is refused, and the cap is named."""
    answer = await web.admin.get(f"/api/v1{path}", {"limit": limit})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "limit"
    if limit < 10**9:
        assert "500" in answer.json()["detail"]


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "W10", "WzFd", "é", "[]", "A" * 1999, write_cursor([1, 2, 3])])
@pytest.mark.parametrize("path", [LISTS[0], LISTS[1], *OTHER])
async def test_a_cursor_that_no_list_gave_is_refused(web: Web, path: str, cursor: str) -> None:
    """The caller is told to ask again without it."""
    answer = await web.admin.get(f"/api/v1{path}", {"cursor": cursor})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "cursor"


@given(st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1)), max_size=4))
def test_a_cursor_says_what_was_put_into_it(values: list[Any]) -> None:
    """Whatever the sort key is."""
    assert read_cursor(write_cursor(values)) == values


@given(st.text())
def test_no_text_makes_a_cursor_fail_otherwise(text: str) -> None:
    """A cursor is a list, or refused."""
    with suppress(Invalid):
        assert isinstance(read_cursor(text), list)
