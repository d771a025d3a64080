"""Taking turns between changes of audiences and whoever places members in them.

A transaction that places members shares the lock from before it reads the definitions until it ends; one that changes
definitions takes it alone, for a moment and last. So nobody is placed by rules that have just been replaced. SQLite has
one writer anyway.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ziggurat.store.scope import Scope

_SPACE = 0x5A41


def share(connection: Connection, scope: Scope) -> None:
    """Keep definitions as they are until the transaction ends."""
    _lock(connection, scope, "SELECT pg_advisory_xact_lock_shared(%s, %s)")


def take(connection: Connection, scope: Scope) -> None:
    """Wait for whoever places members by the definitions as they were, and keep others from beginning to."""
    _lock(connection, scope, "SELECT pg_advisory_xact_lock(%s, %s)")


def _lock(connection: Connection, scope: Scope, statement: str) -> None:
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(statement, (_SPACE, scope.organization_id % 2**31))
