"""Forget what is only kept for a while: answers under idempotency keys, and the log of messages told long ago."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.for_each import sum_for_each
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import idempotency, organizations, outbox, webhooks
from ziggurat.store.scope import Scope

_DAY_US = 86_400_000_000
_AT_ONCE = 5_000


def forget_expired(database: Database, now: int) -> int:
    """Forget a bounded part of what has expired by `now`, in every organization; how much it was."""
    with database.reading() as connection:
        scopes = [organization.scope for organization in organizations.every(connection)]
    return sum_for_each(scopes, lambda scope: _forget(database, scope, now))


def _forget(database: Database, scope: Scope, now: int) -> int:
    before = now - limits.MESSAGES_KEPT_DAYS * _DAY_US

    def work(connection: Connection) -> int:
        gone = idempotency.purge(connection, scope, now)
        gone += webhooks.purge(connection, scope, before, _AT_ONCE)
        return gone + outbox.purge(connection, scope, before, _AT_ONCE)

    return database.write(work)
