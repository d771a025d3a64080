"""Rows as named tuples: one way to ask for exactly their columns and to make them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Connection, Table
from sqlalchemy.sql import Executable

R = TypeVar("R", bound=NamedTuple)


def columns_of(table: Table, record: type[NamedTuple]) -> list[Column[Any]]:
    """The columns of `table` that `record` names, in its order."""
    return [table.c[name] for name in record._fields]


def all_of(connection: Connection, statement: Executable, record: type[R]) -> list[R]:
    """Every row of `statement` as a `record`."""
    return [record._make(row) for row in connection.execute(statement).all()]


def one_of(connection: Connection, statement: Executable, record: type[R]) -> R | None:
    """The first row of `statement` as a `record`, or None."""
    row = connection.execute(statement).first()
    return None if row is None else record._make(row)


def by_key(rows: Sequence[R], name: str) -> dict[Any, R]:
    """`rows` by their field `name`."""
    return {getattr(row, name): row for row in rows}
