"""What audiences and their groups are called, for doors that have other names for them."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.store.repositories import audience_lists


def audience_names(context: Context) -> list[str]:
    """The public ids of all audiences, archived or not."""
    with context.database.reading() as connection:
        return audience_lists.public_ids(connection, context.scope)


def group_names(context: Context) -> list[str]:
    """The keys of all groups that have an audience in use."""
    with context.database.reading() as connection:
        return audience_lists.group_keys(connection, context.scope)
