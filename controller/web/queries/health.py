"""Whether the controller lives, as the metastore tells."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from controller.metastore.heartbeat import CONTROLLER, Beat
from controller.metastore.tables import HeartbeatRow
from controller.web.queries.changes import change_count


def last_beat(session: Session) -> tuple[int, Beat | None]:
    """The change counter, and what the controller said of itself last; None when it never did."""
    columns = [getattr(HeartbeatRow, name) for name in Beat.__slots__]
    row = session.execute(select(*columns).where(HeartbeatRow.component == CONTROLLER)).one_or_none()
    return change_count(session), Beat(*row) if row is not None else None
