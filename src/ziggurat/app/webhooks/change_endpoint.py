"""Change a webhook endpoint, or switch it on or off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.webhooks.create_endpoint import require_types
from ziggurat.app.webhooks.endpoint_views import endpoint_view, require_endpoint
from ziggurat.app.webhooks.views import EndpointView
from ziggurat.app.webhooks.webhook_targets import check_url
from ziggurat.store.database import Connection
from ziggurat.store.repositories import webhooks

SWITCHED_OFF = "switched off"


def change_endpoint(
    context: Context,
    endpoint: str,
    expected_version: int | None = None,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    enabled: bool | None = None,
    settings: Mapping[str, Any] | None = None,
    private_targets: bool = False,
) -> EndpointView:
    """The endpoint with what is given (None: as it was). Switched off, it gets nothing, and what waited is given up.

    Raises:
        NotFoundError: no such endpoint.
        StaleVersionError: it has changed since `expected_version`.
        WebhookTargetRefusedError: nothing is posted to that URL.
        InvalidRequestError: an unknown type.
    """
    changes: dict[str, Any] = {}
    if url is not None:
        check_url(url, private_targets=private_targets)
        changes["url"] = url
    if types is not None:
        require_types(types)
        changes["types"] = list(types)
    if settings is not None:
        changes["settings"] = dict(settings)
    if enabled is not None:
        reason = None if enabled else SWITCHED_OFF
        changes |= {"enabled": enabled, "disabled_reason": reason, "failing_since": None}

    def work(connection: Connection) -> EndpointView:
        before = require_endpoint(connection, context, endpoint, expected_version, lock=True)
        after = webhooks.save_endpoint(connection, context.scope, before._replace(**changes, updated_at=context.now))
        if enabled is False:
            webhooks.cancel_pending(connection, context.scope, before.id, context.now)
        said = {name: value for name, value in changes.items() if name in ("url", "types", "enabled")}
        record(connection, context, "webhook.changed", f"webhook:{endpoint}", **said)
        return endpoint_view(after)

    return context.database.write(work)
