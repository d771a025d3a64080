"""Keep the answer to a request with an idempotency key."""

from __future__ import annotations

from collections.abc import Mapping

from ziggurat.app.context import Context
from ziggurat.store.repositories import idempotency


def keep_answer(context: Context, key: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Keep the answer to the request that claimed `key`."""
    context.database.write(
        lambda connection: idempotency.answer(
            connection, context.scope, key, status=status, headers=dict(headers), body=body
        )
    )
