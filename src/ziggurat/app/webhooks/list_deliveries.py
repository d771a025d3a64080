"""List what was sent to a webhook endpoint, and what came of it."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.app.webhooks.endpoint_views import delivery_views, require_endpoint
from ziggurat.app.webhooks.views import DeliveryView
from ziggurat.store.repositories import webhooks
from ziggurat.store.repositories.webhooks import Delivery

_SCAN = 500


def list_deliveries(
    context: Context, endpoint: str, *, state: str | None = None, after: Position | None = None, limit: int
) -> Page[DeliveryView]:
    """The deliveries to an endpoint, newest first, in one state if it is named, each with its tries.

    Raises:
        NotFoundError: no such endpoint.
    """
    before = int(after[0] or 0) if after else None
    shown: list[Delivery] = []
    with context.database.reading() as connection:
        found = require_endpoint(connection, context, endpoint)
        while len(shown) <= limit:
            size = max(limit + 1, _SCAN if state else 0)
            page = webhooks.deliveries(connection, context.scope, found.id, before=before, limit=size)
            shown += [delivery for delivery in page if state is None or str(delivery.state) == state]
            if len(page) < size:
                break
            before = page[-1].id
        views = delivery_views(connection, context, found, shown[:limit])
    return Page(tuple(views), (shown[limit - 1].id,) if len(shown) > limit else None)
