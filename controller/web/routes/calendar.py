"""A Dag's calendar: how its runs went, day by day, and where its schedule has none."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Query, Request, Response
from pydantic import Field

from controller.decide.calendar.zones import load_zone
from controller.model.schema import Timestamp
from controller.web.answer import Asked
from controller.web.authorise import RunsHere
from controller.web.names import DagName
from controller.web.problems import Invalid
from controller.web.queries.calendar import Calendar, Window, calendar_of
from controller.web.routes import address

router = address.router("calendar")

MOST_DAYS: Final = 400
_USUAL_DAYS: Final = 90


class CalendarQuery(Asked):
    """Which days are wanted."""

    after: Timestamp | None = None
    """The beginning. Absent = 90 days before the end."""
    before: Timestamp | None = None
    """The end, at most 400 days after the beginning. Absent = now."""
    timezone: str = Field(default="UTC", max_length=64)
    """The IANA zone whose days are meant. Default UTC."""


@router.get(address.HERE + "/dags/{dag}/calendar")
async def calendar(
    request: Request, response: Response, access: RunsHere, dag: DagName, asked: Annotated[CalendarQuery, Query()]
) -> Calendar:
    """The Dag's days: runs by state, and slots of its schedule without a run."""
    now = datetime.now(UTC)
    window = _window(asked, now)
    # A slot may come due without any change in the database.
    await address.unless_known(request, response, access, f"{now:%Y-%m-%dT%H:%M}")
    namespace = access.namespace
    return await access.parts.reader.ask(lambda session: calendar_of(session, namespace, dag, window))


def _window(asked: CalendarQuery, now: datetime) -> Window:
    before = asked.before or now
    if asked.after is None and before < datetime.min.replace(tzinfo=UTC) + timedelta(days=_USUAL_DAYS):
        raise Invalid("it lies too far back", parameter="before")
    after = asked.after or before - timedelta(days=_USUAL_DAYS)
    if not timedelta() < before - after <= timedelta(days=MOST_DAYS):
        raise Invalid(f"ask for {MOST_DAYS} days at most, the beginning before the end", parameter="after")
    try:
        zone = load_zone(asked.timezone)
    except (ValueError, KeyError) as error:
        raise Invalid(f"there is no zone {asked.timezone}", parameter="timezone") from error
    return Window(after, before, zone, now)
