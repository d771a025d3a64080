"""Many rows at once, at the driver's own speed: `executemany` on SQLite, one statement over arrays on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from ziggurat.store.number_arrays import bytes_array, number_array, text_array
from ziggurat.store.scope import Scope

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class OnConflict(Enum):
    """What to do with a row whose key is there already."""

    FAIL = auto()
    IGNORE = auto()
    REPLACE = auto()


def write_rows(
    connection: Connection,
    scope: Scope,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    on_conflict: OnConflict = OnConflict.FAIL,
) -> int:
    """Write `rows` (values in the order of `columns`, without the organization); how many were inserted or replaced.

    Values go to the driver as they are: JSON columns take text, booleans Python's.
    """
    if not rows:
        return 0
    if connection.dialect.name == "sqlite":
        statement = _sqlite_statement(table, columns, on_conflict, scope.organization_id)
        return connection.exec_driver_sql(statement, list(rows)).rowcount
    statement = _postgresql_statement(table, columns, on_conflict)
    return connection.exec_driver_sql(statement, (scope.organization_id, *_arrays(table, columns, rows))).rowcount


def update_rows(
    connection: Connection,
    scope: Scope,
    table: Table,
    key: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> int:
    """Set `columns` of many rows of one organization; each of `rows` has their values, then that of `key`."""
    if not rows:
        return 0
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?" for name in columns)
        statement = f"UPDATE {table.name} SET {sets} WHERE organization_id = {scope.organization_id:d} AND {key} = ?"  # noqa: S608
        return connection.exec_driver_sql(statement, list(rows)).rowcount
    sets = ", ".join(f"{name} = given.{name}" for name in columns)
    types = ", ".join(f"%s::{table.c[name].type.compile(_DIALECT)}[]" for name in (*columns, key))
    statement = (
        f"UPDATE {table.name} SET {sets} "  # noqa: S608 - names of our own
        f"FROM unnest({types}) AS given({', '.join((*columns, key))}) "
        f"WHERE {table.name}.organization_id = %s AND {table.name}.{key} = given.{key}"
    )
    arrays = _arrays(table, (*columns, key), rows)
    return connection.exec_driver_sql(statement, (*arrays, scope.organization_id)).rowcount


def change_rows(
    connection: Connection, scope: Scope, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Change columns of rows that are there; `rows` hold values in the order of `columns`, the key's among them.

    Columns that are not named stay untouched, and so do the indexes over them.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        statement, order = _sqlite_update(table, columns, scope.organization_id)
        connection.exec_driver_sql(statement, [tuple([row[place] for place in order]) for row in rows])
        return
    arrays = _arrays(table, columns, rows)
    connection.exec_driver_sql(_postgresql_update(table, columns), (*arrays, scope.organization_id))


def _arrays(table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The columns of `rows` as parameters for PostgreSQL, each cast to an array in the statement."""
    return [written(values) for written, values in zip(_writers(table, columns), zip(*rows, strict=True), strict=True)]


@lru_cache(maxsize=1_000)
def _writers(table: Table, columns: tuple[str, ...]) -> tuple[Callable[[Sequence[Any]], Any], ...]:
    """For each of those columns, what makes an array of its values."""
    return tuple(map(_writer, (table.c[name].type for name in columns)))


def _writer(kind: TypeEngine[Any]) -> Callable[[Sequence[Any]], Any]:
    if isinstance(kind, Integer):
        return number_array
    if isinstance(kind, LargeBinary):
        return bytes_array
    if isinstance(kind, Text) or (isinstance(kind, TypeDecorator) and isinstance(kind.impl, Text)):
        return text_array
    return list


@lru_cache(maxsize=1_000)
def _sqlite_update(table: Table, columns: tuple[str, ...], organization_id: int) -> tuple[str, tuple[int, ...]]:
    """The statement, and which value of a row goes where in it."""
    key, rest = _key_and_rest(table, columns)
    changes = ", ".join(f"{name} = ?" for name in rest)
    found = " AND ".join(f"{name} = ?" for name in key)
    statement = f"UPDATE {table.name} SET {changes} WHERE organization_id = {organization_id:d} AND {found}"  # noqa: S608 - ours
    return statement, tuple(columns.index(name) for name in (*rest, *key))


@lru_cache(maxsize=1_000)
def _postgresql_update(table: Table, columns: tuple[str, ...]) -> str:
    key, rest = _key_and_rest(table, columns)
    arrays = ", ".join(f"%s::{table.c[name].type.compile(_DIALECT)}[]" for name in columns)
    changes = ", ".join(f"{name} = given.{name}" for name in rest)
    found = " AND ".join(f"{table.name}.{name} = given.{name}" for name in key)
    return (
        f"UPDATE {table.name} SET {changes} FROM unnest({arrays}) AS given({', '.join(columns)}) "  # noqa: S608 - ours
        f"WHERE organization_id = %s::bigint AND {found}"
    )


def _key_and_rest(table: Table, columns: tuple[str, ...]) -> tuple[list[str], list[str]]:
    key = [column.name for column in table.primary_key if column.name != "organization_id"]
    return key, [name for name in columns if name not in key]


@lru_cache(maxsize=1_000)
def _sqlite_statement(table: Table, columns: tuple[str, ...], on_conflict: OnConflict, organization_id: int) -> str:
    marks = ", ".join("?" * len(columns))
    return (
        f"INSERT INTO {table.name} (organization_id, {', '.join(columns)}) VALUES ({organization_id:d}, {marks})"  # noqa: S608
        f"{_conflict_clause(table, columns, on_conflict)}"
    )


@lru_cache(maxsize=1_000)
def _postgresql_statement(table: Table, columns: tuple[str, ...], on_conflict: OnConflict) -> str:
    types = (table.c[name].type.compile(_DIALECT) for name in columns)
    arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
    return (
        f"INSERT INTO {table.name} (organization_id, {', '.join(columns)}) "  # noqa: S608 - names of our own
        f"SELECT %s::bigint, given.* FROM unnest({arrays}) AS given"
        f"{_conflict_clause(table, columns, on_conflict)}"
    )


def _conflict_clause(table: Table, columns: tuple[str, ...], on_conflict: OnConflict) -> str:
    match on_conflict:
        case OnConflict.FAIL:
            return ""
        case OnConflict.IGNORE:
            return " ON CONFLICT DO NOTHING"
        case OnConflict.REPLACE:
            key = [column.name for column in table.primary_key]
            rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
            return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"
