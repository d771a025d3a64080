"""List webhook endpoints."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.app.webhooks.endpoint_views import endpoint_view
from ziggurat.app.webhooks.views import EndpointView
from ziggurat.store.repositories import webhooks


def list_endpoints(context: Context, *, after: Position | None = None, limit: int) -> Page[EndpointView]:
    """The organization's endpoints, oldest first."""
    start = int(after[0] or 0) if after else 0
    with context.database.reading() as connection:
        rest = [each for each in webhooks.endpoints(connection, context.scope) if each.id > start]
    shown = rest[:limit]
    return Page(tuple(map(endpoint_view, shown)), (shown[-1].id,) if len(rest) > limit else None)
