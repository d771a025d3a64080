"""Give an idempotency key up again."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.store.repositories import idempotency


def release_request(context: Context, key: str) -> None:
    """Give `key` up, so that the request can be sent again: its answer was none to keep."""
    context.database.write(lambda connection: idempotency.release(connection, context.scope, key))
