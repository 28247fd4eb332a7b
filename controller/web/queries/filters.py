"""What a list is narrowed by -> conditions that mean the same on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Text, cast, exists, func, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from controller.metastore.columns import UtcDateTime
from controller.web.answer import Answer
from controller.web.problems import Invalid


def columns(row: type, answer: type[Answer], without: Sequence[str] = ()) -> list[InstrumentedAttribute[Any]]:
    """The columns that an answer has fields for."""
    return [getattr(row, name) for name in answer.model_fields if name not in without]


def within(column: InstrumentedAttribute[str], namespaces: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """Only of these namespaces; None = of all."""
    return [] if namespaces is None else [column.in_(namespaces)]


def has_item(session: Session, column: ColumnExpressionArgument[Any], item: str) -> ColumnElement[bool]:
    """Whether a JSON list has the text as one of its items."""
    if _is_postgres(session):
        return cast(column, JSONB).contains([item])
    each = func.json_each(column).table_valued("value")
    return exists().where(each.c.value == item)


def has_entry(session: Session, column: ColumnExpressionArgument[Any], entry: str) -> ColumnElement[bool]:
    """Whether a JSON object has the entry, written `key=value`."""
    key, equals, value = entry.partition("=")
    if not equals or not key:
        raise Invalid("write a label as key=value", parameter="label")
    if _is_postgres(session):
        return cast(column, JSONB).contains({key: value})
    each = func.json_each(column).table_valued("key", "value")
    return exists().where(each.c.key == key, each.c.value == value)


def json_objects(session: Session, found: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[str | None]:
    """The rows of a sorted subquery as one JSON list of objects, in their order; times say that they are in UTC."""
    if _is_postgres(session):
        return cast(func.json_agg(func.json_build_object(*_pairs(found))), Text)
    return func.json_group_array(func.json_object(*_pairs(found, zone="Z")))


def _pairs(found: ReadOnlyColumnCollection[str, Any], zone: str = "") -> Iterator[ColumnElement[Any]]:
    for name, column in found.items():
        yield literal(name, Text)
        is_naive = zone and isinstance(column.type, UtcDateTime)
        yield cast(column, Text) + literal(zone, Text) if is_naive else column


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
