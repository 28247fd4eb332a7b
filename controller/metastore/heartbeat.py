"""That the controller lives -> one row, written anew every few seconds, beside everything else.

It has a connection and transactions of its own and does not touch the change counter: a beat is no news of a Dag.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite

from controller.errors import Unavailable
from controller.metastore.batches import OUTAGES
from controller.metastore.engine import open_engine
from controller.metastore.tables import HeartbeatRow, table

BEAT_SECONDS: Final = 10.0
CONTROLLER: Final = "controller"


@dataclass(frozen=True, slots=True)
class Beat:
    """What a part of Slipway says of itself."""

    component: str
    version: str
    started_at: datetime
    beat_at: datetime
    ready: bool
    pending: int
    lag_seconds: float


class Heart:
    """Writes beats. It may wait for the database, so call it from a thread that may wait too."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def beat(self, beat: Beat) -> None:
        """Store the beat in place of the last one; Unavailable when the database does not answer."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        values = asdict(beat)
        statement = dialect.insert(table(HeartbeatRow)).values(values)
        try:
            with self._engine.begin() as connection:
                connection.execute(statement.on_conflict_do_update(index_elements=["component"], set_=values))
        except OUTAGES as error:
            raise Unavailable("The database can't be used") from error

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
