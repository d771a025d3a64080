"""Read a webhook endpoint."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.webhooks.endpoint_views import endpoint_view, require_endpoint
from ziggurat.app.webhooks.views import EndpointView


def read_endpoint(context: Context, endpoint: str) -> EndpointView:
    """The endpoint with that id.

    Raises:
        NotFoundError: the organization has none.
    """
    with context.database.reading() as connection:
        return endpoint_view(require_endpoint(connection, context, endpoint))
