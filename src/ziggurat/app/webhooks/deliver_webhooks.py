"""Send the messages that are due, signed as the Standard Webhooks specification says, and remember what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import SystemRandom

from ziggurat.app.context import WORKER, Context
from ziggurat.app.for_each import sum_for_each
from ziggurat.app.webhooks.create_endpoint import NATIVE
from ziggurat.app.webhooks.send_webhooks import DEADLINE_S, Renderer, Sender, Shipment
from ziggurat.app.webhooks.webhook_outcomes import note_outcome
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.scope import Scope

__all__ = ["Renderer", "Shipment", "deliver_webhooks", "native_envelope"]

_LEASE_US = 300_000_000
_BATCH = 64
_UTC = calendar("UTC")
_random = SystemRandom().random


def native_envelope(
    context: Context,  # noqa: ARG001 - a renderer's signature
    shipment: Shipment,
) -> tuple[bytes, Mapping[str, str]]:
    """The native body: type, timestamp and data."""
    message = shipment.message
    said = {"type": message.type, "timestamp": _UTC.format(message.occurred_at), "data": message.payload}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode(), {}


def deliver_webhooks(
    database: Database,
    clock: Callable[[], int],
    *,
    private_targets: bool = False,
    renderers: Mapping[str, Renderer] | None = None,
    jitter: Callable[[], float] = _random,
    limit: int = _BATCH,
    deadline_s: float = DEADLINE_S,
) -> int:
    """Send up to `limit` due messages of each organization; how many were tried.

    Of one member's messages to an endpoint the next is only sent when the one before is done with. Nothing is written
    while sending, and a sender that dies leaves its messages to others after five minutes, which is longer than sending
    all of them may take: receivers know a repetition by its `webhook-id`.

    Args:
        database: where everything is kept.
        clock: the time, UTC microseconds.
        private_targets: whether addresses that are not on the open internet are allowed.
        renderers: the envelopes of dialects other than the native one.
        jitter: a number from 0 to 1, by which repetitions are spread.
        limit: messages at once for each organization.
        deadline_s: how long one try may take altogether.
    """
    now = clock()
    envelopes = {NATIVE: native_envelope, **(renderers or {})}
    with database.reading() as connection:
        waiting = webhooks.organizations_waiting(connection, now)

    def deliver(scope: Scope) -> int:
        context = Context(database, scope, WORKER, clock())
        shipments = database.write(lambda connection: _claim(connection, scope, context.now, limit))
        sender = Sender(context, clock, envelopes, private_targets, deadline_s)
        for shipment, attempt in zip(shipments, sender.send_all(shipments), strict=True):
            after = Context(database, scope, WORKER, clock())
            note_outcome(after, shipment.endpoint, shipment.delivery, attempt, jitter())
        return len(shipments)

    return sum_for_each(waiting, deliver)


def _claim(connection: Connection, scope: Scope, now: int, limit: int) -> list[Shipment]:
    taken = webhooks.claim_due(connection, scope, now=now, lease_until=now + _LEASE_US, limit=limit)
    endpoints = {endpoint.id: endpoint for endpoint in webhooks.endpoints(connection, scope)}
    messages = outbox.get_many(connection, scope, {delivery.outbox_id for delivery in taken})
    return [Shipment(endpoints[each.endpoint_id], each, messages[each.outbox_id]) for each in taken]
