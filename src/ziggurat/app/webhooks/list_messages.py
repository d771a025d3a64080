"""List what was told, or would have been: the messages that are in the outbox since somebody listens."""

from __future__ import annotations

from collections.abc import Collection

from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.store.repositories import outbox
from ziggurat.store.repositories.outbox import Message


def list_messages(
    context: Context,
    *,
    types: Collection[str],
    since: int | None = None,
    after: Position | None = None,
    limit: int,
) -> Page[Message]:
    """The messages of these types about what happened at `since` (UTC microseconds) or later, in order."""
    seen = int(after[0] or 0) if after else 0
    with context.database.reading() as connection:
        found = outbox.page(connection, context.scope, types=types, since=since, after=seen, limit=limit + 1)
    return Page(tuple(found[:limit]), (found[limit - 1].id,) if len(found) > limit else None)
