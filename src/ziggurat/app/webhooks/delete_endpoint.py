"""Remove a webhook endpoint with its deliveries and their log."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.webhooks.endpoint_views import require_endpoint
from ziggurat.store.database import Connection
from ziggurat.store.repositories import webhooks


def delete_endpoint(context: Context, endpoint: str, expected_version: int | None = None) -> None:
    """Remove the endpoint.

    Raises:
        NotFoundError: no such endpoint.
        StaleVersionError: it has changed since `expected_version`.
    """

    def work(connection: Connection) -> None:
        found = require_endpoint(connection, context, endpoint, expected_version, lock=True)
        webhooks.delete_endpoint(connection, context.scope, found.id)
        record(connection, context, "webhook.deleted", f"webhook:{endpoint}", url=found.url)

    context.database.write(work)
