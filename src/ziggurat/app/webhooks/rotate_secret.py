"""Give a webhook endpoint a new signing secret."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.webhooks.create_endpoint import new_signing_secret
from ziggurat.app.webhooks.endpoint_views import endpoint_view, require_endpoint
from ziggurat.app.webhooks.views import CreatedEndpoint
from ziggurat.store.database import Connection
from ziggurat.store.repositories import webhooks

ROTATED_AT = "secret_rotated_at"
"""The setting of an endpoint that says when its newest secret was made."""


def rotate_secret(context: Context, endpoint: str) -> CreatedEndpoint:
    """The endpoint and its new secret, shown this once. For a day messages are signed with the one before, too.

    Raises:
        NotFoundError: no such endpoint.
    """
    secret = new_signing_secret()

    def work(connection: Connection) -> CreatedEndpoint:
        found = require_endpoint(connection, context, endpoint, lock=True)
        changed = found._replace(
            secrets=[secret, found.secrets[0]],
            settings={**found.settings, ROTATED_AT: context.now},
            updated_at=context.now,
        )
        saved = webhooks.save_endpoint(connection, context.scope, changed)
        record(connection, context, "webhook.secret_rotated", f"webhook:{endpoint}")
        return CreatedEndpoint(endpoint_view(saved), secret)

    return context.database.write(work)
