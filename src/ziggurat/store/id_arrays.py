"""Many ids out of the database as one array, several times quicker than row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, LargeBinary, Select, func, literal_column, select


def fetch_ids(connection: Connection, query: Select[Any]) -> NDArray[np.int64]:
    """The numbers that `query`, a SELECT of one column of them, finds; in no order."""
    found = query.subquery()
    (column,) = found.c
    if connection.dialect.name == "sqlite":
        text: str | None = connection.execute(select(func.group_concat(column))).scalar_one()
        return np.fromstring(text or "", np.int64, sep=",")
    empty = literal_column("''::bytea", LargeBinary())
    packed: bytes | None = connection.execute(select(func.string_agg(func.int8send(column), empty))).scalar_one()
    return np.frombuffer(packed or b"", ">i8").astype(np.int64)
