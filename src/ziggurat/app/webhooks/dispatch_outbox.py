"""Give every message in the outbox a delivery for each endpoint that wants it."""

from __future__ import annotations

from ziggurat.app.for_each import sum_for_each
from ziggurat.app.webhooks.ping_endpoint import pending
from ziggurat.app.webhooks.webhook_types import BY_NAME_ONLY, DELIVERY_FAILED
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Endpoint
from ziggurat.store.scope import Scope

_BATCH = 1_000


def dispatch_outbox(database: Database, now: int, *, limit: int = _BATCH) -> int:
    """Dispatch up to `limit` messages of each organization, oldest first; how many they were."""
    with database.reading() as connection:
        waiting = outbox.organizations_waiting(connection)
    return sum_for_each(waiting, lambda scope: _dispatch(database, scope, now, limit))


def _dispatch(database: Database, scope: Scope, now: int, limit: int) -> int:
    def work(connection: Connection) -> int:
        messages = outbox.claim(connection, scope, limit)
        listening = [endpoint for endpoint in webhooks.endpoints(connection, scope) if endpoint.enabled]
        deliveries = [
            pending(endpoint.id, message.id, message.member_id, now)
            for message in messages
            for endpoint in listening
            if _wants(endpoint, message)
        ]
        webhooks.add_deliveries(connection, scope, deliveries)
        outbox.mark_dispatched(connection, scope, [message.id for message in messages], now)
        return len(messages)

    return database.write(work)


def _wants(endpoint: Endpoint, message: Message) -> bool:
    """What a face tells in its own words (`wix:tier_created`) is for endpoints of its dialect, and for nobody else."""
    dialect, of_a_face, _ = message.type.partition(":")
    if of_a_face:
        return endpoint.dialect == dialect
    if message.type == DELIVERY_FAILED and message.payload["endpoint"] == endpoint.public_id:
        return False  # it takes nothing
    return message.type in endpoint.types or (not endpoint.types and message.type not in BY_NAME_ONLY)
