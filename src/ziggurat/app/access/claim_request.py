"""Claim an idempotency key, so that a request is answered once."""

from __future__ import annotations

from dataclasses import replace

from ziggurat.app.access.views import StoredAnswer
from ziggurat.app.context import Context
from ziggurat.app.errors import AnswerLostError, IdempotencyKeyReusedError, RequestInFlightError
from ziggurat.store.database import Connection
from ziggurat.store.repositories import idempotency


def claim_request(
    context: Context, key: str, fingerprint: bytes, expires_at: int, retry_after: int
) -> StoredAnswer | None:
    """The answer kept under `key`; None means that the key is now the caller's, who goes on and answers.

    `fingerprint` says which request it is. A claim older than `retry_after` microseconds without an answer counts as
    abandoned and is taken over, unless it was carried out: `carrying_out` sees to it that both are known together.

    Raises:
        IdempotencyKeyReusedError: the key was used for another request.
        RequestInFlightError: the first request is still being answered.
        AnswerLostError: it was carried out, and its answer was lost, or is not to be shown any more.
    """

    def work(connection: Connection) -> StoredAnswer | None:
        kept = idempotency.claim(connection, context.scope, key, fingerprint, now=context.now, expires_at=expires_at)
        if kept is None:
            return None
        if bytes(kept.fingerprint) != fingerprint:
            raise IdempotencyKeyReusedError(key)
        if kept.status is not None and kept.status != idempotency.CARRIED_OUT:
            return StoredAnswer(kept.status, kept.headers or {}, bytes(kept.body or b""))
        if context.now - kept.created_at < retry_after:
            raise RequestInFlightError(key)
        if kept.status == idempotency.CARRIED_OUT:
            raise AnswerLostError(key)
        idempotency.release(connection, context.scope, key)
        idempotency.claim(connection, context.scope, key, fingerprint, now=context.now, expires_at=expires_at)
        return None

    return context.database.write(work)


def carrying_out(context: Context, key: str) -> Context:
    """`context` for the work of the request that claimed `key`: that it was done comes true with what it does."""
    done = context.database.riding(lambda connection: idempotency.mark_carried_out(connection, context.scope, key))
    return replace(context, database=done)
