"""The ground that all answers share: camelCase JSON, times in RFC 3339, and a sentence for each field in OpenAPI."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from controller.model.timestamps import format_time

Time = Annotated[
    datetime,
    PlainSerializer(format_time, return_type=str),
    Field(json_schema_extra={"type": "string", "format": "date-time"}),
]
Item = TypeVar("Item")
AnyRow = Row[*tuple[Any, ...]]


class Answer(BaseModel):
    """Something that the API says."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, use_attribute_docstrings=True
    )

    @classmethod
    def of(cls, row: AnyRow, **more: Any) -> Self:
        """The answer that a row of the metastore gives. Our own rows need no validation."""
        values: dict[str, Any] = {**row._mapping, **more}
        return cast(Self, cls.model_construct(**values))

    @classmethod
    def all_of(cls, rows: Iterable[AnyRow]) -> list[Self]:
        """The answers that rows give."""
        return [cls.of(row) for row in rows]


class Asked(BaseModel):
    """Something that a caller says: unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", use_attribute_docstrings=True
    )


class Page(Answer, Generic[Item]):
    """Some items of a list, and where the next page begins."""

    items: Sequence[Item]
    """The items of this page, in the list's order."""
    next: str | None = None
    """Give this as `cursor` to have the next page; absent on the last one."""
