"""What changes, as it changes: server-sent events."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from controller.errors import Unauthenticated, Unavailable
from controller.web.answer import Asked
from controller.web.authorise import Access, RunsAnywhere, allowed_namespaces
from controller.web.events import event_stream
from controller.web.problems import Invalid
from controller.web.routes import address

router = address.router("events")


class EventQuery(Asked):
    """Which changes are wanted."""

    namespace: str | None = Field(default=None, max_length=253)
    """Only of this namespace."""
    dag: str | None = Field(default=None, max_length=253)
    """Only of Dags of this name."""
    run: str | None = Field(default=None, max_length=253)
    """Only of runs of this name."""
    since: int | None = Field(default=None, ge=0, le=2**62)
    """Begin with what came after this value of the change counter. Default: with what comes now."""


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events without an end."}},
)
async def events(
    access: RunsAnywhere,
    asked: Annotated[EventQuery, Query()],
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> StreamingResponse:
    """Rows that change: `changes` with Dags, runs, tasks and pools, `reset` to fetch anew, `lost` without a database.

    A row of `runs` is [namespace, dag, run, state, progress], one of `tasks` [namespace, dag, run, task, index, state,
    try], one of `dags` or `pools` [namespace, name], one of `backfills` [namespace, dag], one of `approvals`
    [namespace, dag, run]. An event's id is the change counter; a browser resumes by itself.
    """
    seen = asked.since if last_event_id is None else _counter(last_event_id)
    user = await access.user()
    access.parts.streams.check(user)
    chosen = {"namespace": asked.namespace, "dag": asked.dag, "run": asked.run}
    about = {word: value for word, value in chosen.items() if value is not None}
    return StreamingResponse(
        _counted(access, user, seen, about), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _counted(access: Access, user: str, seen: int | None, about: dict[str, str]) -> AsyncIterator[bytes]:
    known = access.namespaces

    async def allowed() -> Sequence[str] | None:
        """Where the caller may see runs by now: the reviews behind it are a few seconds old at most."""
        nonlocal known
        reviews, need = access.parts.reviews, access.need
        if need is not None and "namespace" in about:
            known = await reviews.where(access.caller, need, [about["namespace"]])
        elif need is not None:
            try:
                known = await allowed_namespaces(access.parts, access.caller, need)
            except Unavailable as error:
                if isinstance(error, Unauthenticated):
                    known = ()
        return known

    with access.parts.streams.opened(user):
        async for event in event_stream(access.parts.hub, seen, allowed, about):
            yield event


def _counter(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Invalid("Last-Event-ID is not one that this server gave", parameter="Last-Event-ID")
    return int(text)
