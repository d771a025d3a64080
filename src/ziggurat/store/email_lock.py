"""Taking turns between those who see to it that no two members have the same email.

Whoever looks whether an email is free, and then gives it to a member, takes the lock first of all, so that it holds
nothing that another one waits for. SQLite has one writer anyway.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ziggurat.store.scope import Scope

_SPACE = 0x5A42


def take(connection: Connection, scope: Scope) -> None:
    """Wait for others of the organization who look for free emails, and keep them from beginning to."""
    if connection.dialect.name != "sqlite":
        given = (_SPACE, scope.organization_id % 2**31)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", given)
