"""Many ids out of the database as one array, several times quicker than row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from ziggurat.store.number_arrays import Numbers
from ziggurat.store.scope import among

_EMPTY = literal_column("''::bytea", LargeBinary())


def fetch_rows(connection: Connection, query: Select[Any]) -> NDArray[np.int64]:
    """The rows of numbers, none of them NULL, that `query` finds, in no order: int64[rows, columns]."""
    found = query.subquery()
    columns = list(found.c)
    if connection.dialect.name == "sqlite":
        text: str | None = connection.execute(select(func.group_concat(_joined(columns)))).scalar_one()
        numbers = np.fromstring(text or "", np.int64, sep=",")
    else:
        row: Any = func.int8send(columns[0])
        for column in columns[1:]:
            row = row.concat(func.int8send(column))
        packed: bytes | None = connection.execute(select(func.string_agg(row, _EMPTY))).scalar_one()
        numbers = np.frombuffer(packed or b"", ">i8").astype(np.int64)
    return numbers.reshape(-1, len(columns))


def fetch_present(
    connection: Connection, query: Select[Any], column: ColumnElement[int], wanted: Sequence[int]
) -> NDArray[np.int64]:
    """Those of `wanted` that `query`, a SELECT of `column`, finds: by a search for each, which needs no statistics.

    Asked for an intersection, PostgreSQL compares everything with everything while a table's statistics are older than
    most of its rows.
    """
    if connection.dialect.name == "sqlite":
        return fetch_ids(connection, query.where(among(connection, column, wanted)))
    given = bindparam(None, list(wanted), type_=Numbers())
    each = func.unnest(given, type_=column.type).table_valued("number").render_derived()
    alone = query.where(column == each.c.number).offset(0)  # with an OFFSET, no join is made of it
    one_by_one = alone.correlate(each).exists()
    return fetch_ids(connection, select(each.c.number).where(one_by_one))


def _joined(columns: Sequence[Any]) -> Any:
    row = columns[0]
    for column in columns[1:]:
        row = cast(row, Text).concat(",").concat(cast(column, Text))
    return row


def fetch_ids(connection: Connection, query: Select[Any]) -> NDArray[np.int64]:
    """The numbers that `query`, a SELECT of one column of them, finds; in no order."""
    return fetch_rows(connection, query).reshape(-1)
