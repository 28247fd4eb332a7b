"""The metastore itself, where its URL is given: its schema, and whether the controller writes into it."""

from collections.abc import Iterator
from datetime import datetime

from controller.cli.doctor.evidence import span_told
from controller.cli.doctor.finding import Finding, fail, ok, skipped
from controller.errors import SlipwayError


def database_findings(url: str, now: datetime) -> Iterator[Finding]:
    """It answers, has this version's schema, and the controller's beat is young. It may wait for the network."""
    if not url:
        yield skipped("database", "Not looked into: SLIPWAY_DATABASE_URL is not set here")
        return
    from controller.metastore.heartbeat import BEAT_SECONDS, CONTROLLER
    from controller.metastore.migrate import current_revision, expected_revision
    from controller.metastore.queries import open_session
    from controller.metastore.tables import HeartbeatRow

    try:
        current, expected = current_revision(url), expected_revision()
        if current != expected:
            fix = "`slipway db migrate`, or the version of this command that the schema belongs to"
            yield fail("database", f"It has schema {current or 'none'}, this version needs {expected}", fix)
            return
        yield ok("database", f"It answers and has schema {current}")
        with open_session(url) as session:
            row = session.get(HeartbeatRow, CONTROLLER)
            beat_at = row.beat_at if row is not None else None
    except SlipwayError as error:
        yield fail("database", str(error), "check SLIPWAY_DATABASE_URL, the server, and the way to it")
        return
    if beat_at is None:
        yield fail("heartbeat", "No controller has ever written into it", "does the controller have the same URL?")
    elif (now - beat_at).total_seconds() > 3 * BEAT_SECONDS:
        message = f"The controller wrote its beat last {span_told(now - beat_at)} ago"
        yield fail("heartbeat", message, "is the controller ready, and does it reach the database?")
    else:
        yield ok("heartbeat", f"The controller wrote its beat {span_told(now - beat_at)} ago")
