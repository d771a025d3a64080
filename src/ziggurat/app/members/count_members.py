"""Count the organization's members."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.store.repositories import members


def count_members(context: Context) -> int:
    """How many members there are: neither erased nor merged into others."""
    with context.database.reading() as connection:
        return members.count(connection, context.scope, erased=False)
