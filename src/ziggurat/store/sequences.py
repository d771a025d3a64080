"""Numbers for new rows: sequences on PostgreSQL, counted rows on SQLite (which has one writer anyway).

Numbers only grow; on PostgreSQL they have gaps and are unique over all organizations. Taken under a member's lock they
are the member's order of arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from sqlalchemy import Connection

from ziggurat.store.scope import Scope

Series: TypeAlias = Literal["definitions", "members", "events", "transitions", "outbox", "work"]

_SQLITE = (
    "INSERT INTO counters (organization_id, series, taken) VALUES (?, ?, ?) "
    "ON CONFLICT (organization_id, series) DO UPDATE SET taken = taken + excluded.taken RETURNING taken"
)


def take(connection: Connection, scope: Scope, series: Series, count: int) -> Sequence[int]:
    """`count` new numbers of `series`, ascending."""
    if count == 0:
        return ()
    if connection.dialect.name == "sqlite":
        last: int = connection.exec_driver_sql(_SQLITE, (scope.organization_id, series, count)).scalar_one()
        return range(last - count + 1, last + 1)
    statement = f"SELECT nextval('{series}_numbers') FROM generate_series(1, %s)"  # noqa: S608 - a literal of ours
    return sorted(connection.exec_driver_sql(statement, (count,)).scalars())


def take_one(connection: Connection, scope: Scope, series: Series) -> int:
    """One new number of `series`."""
    return take(connection, scope, series, 1)[0]
