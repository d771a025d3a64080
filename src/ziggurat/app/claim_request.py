"""Claim an idempotency key, so that a request is answered once."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import IdempotencyKeyReusedError, RequestInFlightError
from ziggurat.app.views import StoredAnswer
from ziggurat.store.database import Connection
from ziggurat.store.repositories import idempotency


def claim_request(
    context: Context, key: str, fingerprint: bytes, expires_at: int, retry_after: int
) -> StoredAnswer | None:
    """The answer kept under `key`; None means that the key is now the caller's, who goes on and answers.

    `fingerprint` says which request it is. A claim older than `retry_after` microseconds without an answer counts as
    abandoned and is taken over.

    Raises:
        IdempotencyKeyReusedError: the key was used for another request.
        RequestInFlightError: the first request is still being answered.
    """

    def work(connection: Connection) -> StoredAnswer | None:
        kept = idempotency.claim(connection, context.scope, key, fingerprint, now=context.now, expires_at=expires_at)
        if kept is None:
            return None
        if bytes(kept.fingerprint) != fingerprint:
            raise IdempotencyKeyReusedError(key)
        if kept.status is not None:
            return StoredAnswer(kept.status, kept.headers or {}, bytes(kept.body or b""))
        if context.now - kept.created_at < retry_after:
            raise RequestInFlightError(key)
        idempotency.release(connection, context.scope, key)
        idempotency.claim(connection, context.scope, key, fingerprint, now=context.now, expires_at=expires_at)
        return None

    return context.database.write(work)
