"""Event streams: what changes comes in time, once, to those who may see it, and after a break from where it was."""

from typing import Any

from controller.errors import Unavailable
from controller.web.queries import changes as changes_module
from tests.web.conftest import Web
from tests.web.objects import A, B, approval, backfill, run, task

EVENTS = "/api/v1/events"


async def _away(reader: object, question: object) -> object:
    raise Unavailable("The database does not answer")


async def test_a_change_is_told(web: Web) -> None:
    """The first event says where the counter stands, the next ones what has changed."""
    async with web.admin.stream(EVENTS) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        first = await stream.event()
        assert (first["event"], first["data"]) == ("changes", {})
        web.record(task(A, "etl-11", "report", 60, state="Running", **{"try": 1}))
        told = await stream.event()
    assert told["data"] == {"tasks": [[A, "etl", "etl-11", "report", None, "Running", 1]]}
    assert int(told["id"]) > int(first["id"])


async def test_backfills_and_approvals_are_told_without_their_names(web: Web) -> None:
    """Who may see runs learns that something has changed there, and no more than Dag and run."""
    async with web.admin.stream(EVENTS) as stream:
        await stream.event()
        web.record(backfill(A, "secret-plan", 60))
        web.record(approval(A, "secret-question", 61))
        told = {**(await stream.event())["data"]}
        if len(told) == 1:
            told |= (await stream.event())["data"]
    assert sorted(told) == ["approvals", "backfills"]
    assert told["backfills"] == [[A, "etl"]]
    assert [row[:2] for row in told["approvals"]] == [[A, "etl"]]
    assert "secret" not in str(told)


async def test_a_stream_resumes_where_it_broke_off(web: Web) -> None:
    """Everything after the last id comes, nothing twice."""
    async with web.admin.stream(EVENTS) as stream:
        first = await stream.event()
    web.record(run(A, "missed", 61, {"state": "Running"}))
    web.record(run(B, "missed", 62, {"state": "Running"}))
    async with web.admin.stream(EVENTS, headers={"Last-Event-ID": first["id"]}) as stream:
        told = await stream.event()
        assert sorted(row[0] for row in told["data"]["runs"]) == [A, B]
        web.record(run(A, "later", 63))
        later = await stream.event()
    assert [row[2] for row in later["data"]["runs"]] == ["later"]


async def test_a_stream_that_missed_too_much_is_reset(web: Web, monkeypatch: Any) -> None:
    """The client is told to fetch anew, and where to go on from."""
    monkeypatch.setattr(changes_module, "MOST_CHANGES", 3)
    async with web.admin.stream(EVENTS, headers={"Last-Event-ID": "0"}) as stream:
        told = await stream.event()
        assert told["event"] == "reset"
        web.record(run(A, "later", 63))
        assert [row[2] for row in (await stream.event())["data"]["runs"]] == ["later"]


async def test_an_id_of_another_database_is_reset(web: Web) -> None:
    """A counter that was never reached means that the client has seen another database."""
    async with web.admin.stream(EVENTS, headers={"Last-Event-ID": "999999"}) as stream:
        assert (await stream.event())["event"] == "reset"


async def test_a_tenant_is_told_of_their_own(web: Web) -> None:
    """Rows of other namespaces never come, and narrowing narrows further."""
    async with web.client("alice").stream(EVENTS, params={"run": "mine"}) as stream:
        await stream.event()
        web.record(run(B, "mine", 61))
        web.record(run(A, "other", 62))
        web.record(run(A, "mine", 63))
        told = await stream.event()
    assert [row[:3] for row in told["data"]["runs"]] == [[A, "etl", "mine"]]


async def test_a_stream_ends_with_the_right_to_it(web: Web) -> None:
    """Whoever may see nothing any more is not told the next change."""
    async with web.client("alice").stream(EVENTS) as stream:
        await stream.event()
        web.server.rights["alice"].clear()
        web.parts.reviews.forget()
        web.record(run(A, "secret", 61))
        assert await stream.event() == {}


async def test_a_lost_database_is_told_and_comes_back(web: Web, monkeypatch: Any) -> None:
    """The stream lives on, and tells what came afterwards."""
    async with web.admin.stream(EVENTS) as stream:
        await stream.event()
        monkeypatch.setattr(type(web.parts.reader), "ask", _away)
        assert (await stream.event())["event"] == "lost"
        monkeypatch.undo()
        web.record(run(A, "afterwards", 61))
        assert [row[2] for row in (await stream.event())["data"]["runs"]] == ["afterwards"]


async def test_streams_of_one_user_are_capped(web: Web) -> None:
    """One more is refused with a way on; another user is not held up."""
    user = "alice"
    most = web.parts.settings.streams_per_user
    for _ in range(most):
        web.parts.streams._open[user] += 1
    async with web.client(user).stream(EVENTS) as stream:
        assert stream.status == 429
    async with web.admin.stream(EVENTS) as stream:
        assert stream.status == 200


async def test_nobody_listens_nobody_looks(web: Web) -> None:
    """The database is only asked while somebody listens."""
    async with web.admin.stream(EVENTS) as stream:
        await stream.event()
        assert web.parts.hub._looking is not None
    assert web.parts.hub._looking is None
    assert web.parts.streams._open == {}
