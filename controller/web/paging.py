"""Keyset pages: `limit` and `cursor` of a request -> a condition and an order for SQL, and the next page's cursor.

A cursor is the sort key of the last item that was seen. So a page costs the same wherever it lies, and rows that come
or go meanwhile double none and hide none of the others.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, Select, literal, tuple_

from controller.metastore.columns import PlainText, UtcDateTime
from controller.metastore.queries import LARGEST_PAGE
from controller.model.timestamps import parse_time
from controller.web.answer import Answer, AnyRow, Asked, Item, Page
from controller.web.problems import Invalid

DEFAULT_PAGE: Final = 50
_TOO_LARGE: Final = f"a page has 1 to {LARGEST_PAGE} items: ask for the next page with `cursor`"


class PageQuery(Asked):
    """Which part of a list is wanted."""

    limit: int = DEFAULT_PAGE
    """How many items, 1 to 500. Default 50."""
    cursor: str | None = Field(default=None, max_length=2000)
    """`next` of the page before; absent for the first page."""

    def checked_limit(self) -> int:
        """The limit; Invalid names the cap."""
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise Invalid(_TOO_LARGE, parameter="limit")
        return self.limit


@dataclass(frozen=True, slots=True)
class Keyset:
    """The columns that a list is ordered by, which together are unique."""

    columns: tuple[ColumnElement[Any], ...]
    newest_first: bool = False

    def page(self, query: Select[Any], asked: PageQuery) -> Select[Any]:
        """The query of one page, with one row more to see whether another page follows."""
        limit = asked.checked_limit()
        if asked.cursor is not None:
            place = tuple_(*(literal(value, column.type) for value, column in zip(*self._read(asked), strict=True)))
            key = tuple_(*self.columns)
            query = query.where(key < place if self.newest_first else key > place)
        order = [column.desc() if self.newest_first else column.asc() for column in self.columns]
        return query.order_by(*order).limit(limit + 1)

    def _read(self, asked: PageQuery) -> tuple[Sequence[Any], Sequence[ColumnElement[Any]]]:
        values = read_cursor(asked.cursor or "")
        types = [_python_type(column) for column in self.columns]
        if len(values) != len(types):
            raise _not_ours()
        return [_typed(value, type_) for value, type_ in zip(values, types, strict=True)], self.columns


def paged(rows: Sequence[AnyRow], asked: PageQuery, key: Sequence[str], make: type[Answer]) -> Page[Any]:
    """The page that these rows are, which were read with one row too many."""
    return paged_by(rows, asked, key, make.of)


def paged_by(
    rows: Sequence[AnyRow], asked: PageQuery, key: Sequence[str], make: Callable[[AnyRow], Item]
) -> Page[Item]:
    """The page, each item made by a function."""
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    cursor = write_cursor([shown[-1]._mapping[name] for name in key]) if more else None
    return Page[Any].model_construct(items=[make(row) for row in shown], next=cursor)


def write_cursor(values: Sequence[Any]) -> str:
    """The values as text that nobody needs to read."""
    told = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str) -> list[Any]:
    """The values again; Invalid for a text that no list gave."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _not_ours() from None
    if not isinstance(values, list):
        raise _not_ours()
    return values


def _python_type(column: ColumnElement[Any]) -> type:
    match column.type:
        case UtcDateTime():
            return datetime
        case PlainText():
            return str
        case _:
            return int


def _typed(value: Any, type_: type) -> Any:
    if type_ is datetime and isinstance(value, str):
        try:
            return parse_time(value)
        except ValueError:
            raise _not_ours() from None
    if type_ is int and isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    if type_ is str and isinstance(value, str):
        return value
    raise _not_ours()


def _not_ours() -> Invalid:
    return Invalid("the cursor is not one that a list gave: ask again without it", parameter="cursor")
