"""What all tables share: how types are stored, the columns of what mirrors an API object, and names of indexes."""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped

from controller.metastore.columns import PlainJson, PlainText, UtcDateTime

NOT_MAPPED: Final = -1
"""The index of a task that is not mapped: a key column can't be NULL."""


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"})
    type_annotation_map = {
        str: PlainText,
        int: BigInteger,
        datetime: UtcDateTime,
        dict[str, Any]: PlainJson,
        list[Any]: PlainJson,
    }


class Mirrored:
    """Columns of every row that mirrors an API object."""

    resource_version: Mapped[int]
    """The version of the object that the row shows; for a settled task, of its run."""
    change: Mapped[int]
    """The change counter when the row was last written: whoever has seen n asks for rows above n."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """When the object was seen to be gone; the row stays."""


def table(row: type[Base]) -> Table:
    """The table behind a row class, as SQLAlchemy Core sees it."""
    return cast(Table, row.__table__)
