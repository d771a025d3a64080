"""Statements that are asked so often that making them each time would cost more than answering them.

A statement is made by a scope, like every other, but once: compiled to the driver's own text, it is sent past
SQLAlchemy, and rows come as the driver gives them (JSON as text).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Connection, Join, Select, bindparam, func, select, true
from sqlalchemy import column as column_of
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles

from ziggurat.store.database import Database
from ziggurat.store.scope import Scope
from ziggurat.store.tables.base import canonical_json

Row: TypeAlias = tuple[Any, ...]

_ALL = 2**31 - 1
_WHOSE = Scope(-(2**61) - 1)
"""Stands for the organization until it is known; no other number of a statement is likely to be that."""


def among_given(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`scope.among`, the values being given later as `name` (`given_values` of them)."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(each.c.value))
    return column.in_(select(func.unnest(bindparam(name, type_=ARRAY(column.type)), type_=column.type)))


def given_values(connection: Connection, values: Iterable[Any]) -> Any:
    """`values` as what `among_given` takes."""
    return canonical_json(list(values)) if connection.dialect.name == "sqlite" else list(values)


class _InThisOrder(Join):
    """A join whose left side comes first whatever SQLite thinks of it."""

    inherit_cache = True


@compiles(_InThisOrder)
def _in_this_order(join: _InThisOrder, compiler: Any, **options: Any) -> str:
    left, right = (compiler.process(side, **options) for side in (join.left, join.right))
    return f"{left} CROSS JOIN {right}"


def for_each_given(dialect: str, name: str, columns: tuple[str, ...], inner: Callable[..., Select[Any]]) -> Select[Any]:
    """What `inner` finds for each of the rows that are given later as `name` (`given_rows` of them); in any order.

    It is looked up row by row, by an index. On PostgreSQL a mere join would read the whole table where statistics are
    missing.
    """
    if dialect == "sqlite":
        each = func.json_each(bindparam(name)).table_valued("value")
        query = inner(*[func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))])
        (table,) = set(query.get_final_froms()) - {each}
        return query.select_from(_InThisOrder(each, table, true())).order_by(None)
    arrays = [bindparam(f"{name}_{column}", type_=ARRAY(BigInteger)) for column in columns]
    given = func.unnest(*arrays).table_valued(*(column_of(column, BigInteger) for column in columns)).render_derived()
    found = inner(*given.c).limit(_ALL).lateral()
    return select(*found.c).select_from(given.join(found, true()))


def given_rows(
    connection: Connection, name: str, columns: tuple[str, ...], rows: Sequence[tuple[int, ...]]
) -> dict[str, Any]:
    """`rows`, at least one, as what `for_each_given` takes."""
    if connection.dialect.name == "sqlite":
        return {name: canonical_json(rows)}
    return {f"{name}_{column}": list(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)}


class Prepared:
    """One SELECT; `make` makes it for a scope and a dialect, with named `bindparam`s for what is not known yet."""

    def __init__(self, make: Callable[[Scope, str], Select[Any]]) -> None:
        self._make = make
        self._texts: dict[str, tuple[str, Callable[[Scope, dict[str, Any]], Any]]] = {}

    def rows(self, connection: Connection, scope: Scope, **values: Any) -> list[Row]:
        """All rows, within the transaction of `connection`."""
        raw: Any = connection.connection.driver_connection
        return self._fetched(connection.dialect, raw, scope, values)

    def rows_alone(self, database: Database, raw: Any, scope: Scope, **values: Any) -> list[Row]:
        """All rows, asked on the driver's own connection (`database.asking`)."""
        return self._fetched(database.engine.dialect, raw, scope, values)

    def _fetched(self, dialect: Any, raw: Any, scope: Scope, values: dict[str, Any]) -> list[Row]:
        text, arguments = self._text(dialect)
        if dialect.name == "sqlite":
            cursor = raw.execute(text, arguments(scope, values))
        else:  # in text, PostgreSQL would send packed histories as twice as many hexadecimal digits
            cursor = raw.execute(text, arguments(scope, values), binary=True)
        found: list[Row] = cursor.fetchall()
        return found

    def _text(self, dialect: Any) -> tuple[str, Callable[[Scope, dict[str, Any]], Any]]:
        found = self._texts.get(dialect.name)
        if found is None:
            compiled = self._make(_WHOSE, dialect.name).compile(dialect=dialect)
            names = list(compiled.positiontup or compiled.params)
            said = dict(compiled.params)
            ours = [name for name, value in said.items() if value == _WHOSE.organization_id]
            in_order = bool(compiled.positiontup)

            def arguments(scope: Scope, values: dict[str, Any]) -> Any:
                given = said | dict.fromkeys(ours, scope.organization_id) | values
                return [given[name] for name in names] if in_order else given

            found = self._texts[dialect.name] = (str(compiled), arguments)
        return found
