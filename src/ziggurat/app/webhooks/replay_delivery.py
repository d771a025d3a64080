"""Send a message to a webhook endpoint once more."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.webhooks.endpoint_views import require_endpoint
from ziggurat.app.webhooks.ping_endpoint import queue_delivery
from ziggurat.app.webhooks.views import DeliveryView
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import webhooks


def replay_delivery(context: Context, endpoint: str, delivery: str) -> DeliveryView:
    """A new delivery of the same message, under the same message id.

    Raises:
        NotFoundError: no such endpoint or delivery.
        WrongStateError: the endpoint is switched off.
    """
    number = int(delivery) if delivery.isascii() and delivery.isdigit() and len(delivery) < 19 else -1  # noqa: PLR2004

    def work(connection: Connection) -> DeliveryView:
        found = require_endpoint(connection, context, endpoint)
        page = webhooks.deliveries(connection, context.scope, found.id, before=number + 1, limit=1)
        if not page or page[0].id != number:
            raise NotFoundError("delivery", delivery)
        made = queue_delivery(connection, context, found, page[0].outbox_id, page[0].member_id)
        record(connection, context, "webhook.replayed", f"webhook:{endpoint}", delivery=delivery)
        return made

    return context.database.write(work)
