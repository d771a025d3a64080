"""Send a test message to a webhook endpoint."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.webhooks.endpoint_views import delivery_views, require_endpoint
from ziggurat.app.webhooks.views import DeliveryView
from ziggurat.app.webhooks.webhook_types import PING, WEBHOOK_EXAMPLES
from ziggurat.store.database import Connection
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.webhooks import Delivery, Endpoint
from ziggurat.store.tables.service import DeliveryState


def ping_endpoint(context: Context, endpoint: str, type_: str = PING) -> DeliveryView:
    """The delivery of a test message, which the worker sends whatever types the endpoint wants.

    Of another type than `ping`, it is the example of that type, about a member that there is not.

    Raises:
        NotFoundError: no such endpoint.
        WrongStateError: it is switched off.
    """

    def work(connection: Connection) -> DeliveryView:
        found = require_endpoint(connection, context, endpoint)
        data = {"endpoint": endpoint} if type_ == PING else dict(WEBHOOK_EXAMPLES[type_])
        message = Message(type_, data, context.now, context.now)
        (outbox_id,) = outbox.add(connection, context.scope, [message])
        outbox.mark_dispatched(connection, context.scope, [outbox_id], context.now)
        return queue_delivery(connection, context, found, outbox_id, None)

    return context.database.write(work)


def queue_delivery(
    connection: Connection, context: Context, endpoint: Endpoint, outbox_id: int, member_id: int | None
) -> DeliveryView:
    """One delivery of a message to one endpoint, due now.

    Raises:
        WrongStateError: the endpoint is switched off.
    """
    if not endpoint.enabled:
        raise WrongStateError("webhook endpoint", endpoint.public_id, "switched off", ("enabled",))
    delivery = pending(endpoint.id, outbox_id, member_id, context.now)
    (number,) = webhooks.add_deliveries(connection, context.scope, [delivery])
    return delivery_views(connection, context, endpoint, [delivery._replace(id=number)])[0]


def pending(endpoint_id: int, outbox_id: int, member_id: int | None, now: int) -> Delivery:
    """A delivery that waits to be sent."""
    return Delivery(
        id=0,
        endpoint_id=endpoint_id,
        outbox_id=outbox_id,
        member_id=member_id,
        state=DeliveryState.PENDING,
        attempts=0,
        next_attempt_at=now,
        created_at=now,
        finished_at=None,
    )
