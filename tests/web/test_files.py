"""The UI's files, where a build has them, and the headers that every answer carries."""

from pathlib import Path

import pytest

from controller.web.app import build_app
from tests.web.client import Client
from tests.web.conftest import Web


@pytest.fixture
def built(web: Web, tmp_path: Path) -> Client:
    """A server with a built UI."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Slipway</title>")
    (static / "assets" / "app-1234.js").write_text("run()")
    (tmp_path / "secret").write_text("hunter2")
    return Client(build_app(web.parts, static))


async def test_a_build_without_ui_says_so(web: Web) -> None:
    """And where the API is."""
    answer = await web.client().get("/")
    assert answer.status == 200
    assert "not in this build" in answer.text
    assert "/api/v1/openapi.json" in answer.text
    assert (await web.client().get("/dags/etl")).status == 404


async def test_pages_work_by_url(built: Client) -> None:
    """Each is the same file; its scripts are kept for ever, as their names change with them."""
    for path in ("/", "/dags/team-a/etl?tab=grid", "/runs/x"):
        answer = await built.get(path)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
        assert "<title>Slipway" in answer.text
    script = await built.get("/assets/app-1234.js")
    assert script.text == "run()"
    assert "immutable" in script.headers["cache-control"]
    assert "javascript" in script.headers["content-type"]


@pytest.mark.parametrize("path", ["/../secret", "/assets/../../secret", "/%2e%2e/secret", "//secret", "/assets/%00"])
async def test_nothing_beside_the_ui_is_served(built: Client, path: str) -> None:
    """Whatever the address, it is the page or nothing."""
    assert "hunter2" not in (await built.get(path)).text


async def test_every_answer_has_the_headers(web: Web, built: Client) -> None:
    """Pages, answers and problems alike."""
    answers = [await built.get("/"), await web.admin.get("/api/v1/dags"), await web.client().get("/api/v1/dags")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
    assert answers[2].headers["cache-control"] == "no-store"
