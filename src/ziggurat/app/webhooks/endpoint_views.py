"""Webhook endpoints and deliveries as views, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.webhooks.views import AttemptView, DeliveryView, EndpointView
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError, StaleVersionError
from ziggurat.store.repositories import members, outbox, webhooks
from ziggurat.store.repositories.webhooks import Attempt, Delivery, Endpoint

KIND = "webhook endpoint"


def require_endpoint(
    connection: Connection,
    context: Context,
    public_id: str,
    expected_version: int | None = None,
    *,
    lock: bool = False,
) -> Endpoint:
    """The endpoint with that id; with `lock` nobody else changes it until the transaction ends.

    Raises:
        NotFoundError: the organization has none.
        StaleVersionError: it has changed since `expected_version`.
    """
    found = webhooks.endpoint(connection, context.scope, public_id, lock=lock)
    if found is None:
        raise NotFoundError(KIND, public_id)
    if expected_version is not None and found.version != expected_version:
        raise StaleVersionError(KIND, public_id, expected_version)
    return found


def endpoint_view(endpoint: Endpoint) -> EndpointView:
    """What is shown of an endpoint: never its secrets."""
    return EndpointView(
        id=endpoint.public_id,
        url=endpoint.url,
        types=tuple(endpoint.types),
        enabled=endpoint.enabled,
        disabled_reason=endpoint.disabled_reason,
        failing_since=endpoint.failing_since,
        settings=endpoint.settings,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        version=endpoint.version,
        dialect=endpoint.dialect,
    )


def message_id(outbox_id: int) -> str:
    """The id of a message, the same at every try: receivers know a repetition by it."""
    return f"msg_{outbox_id}"


def delivery_views(
    connection: Connection, context: Context, endpoint: Endpoint, deliveries: Sequence[Delivery]
) -> list[DeliveryView]:
    """What is shown of deliveries to one endpoint, with the log of each."""
    scope = context.scope
    messages = outbox.get_many(connection, scope, {delivery.outbox_id for delivery in deliveries})
    logs = webhooks.attempts(connection, scope, [delivery.id for delivery in deliveries])
    names = members.by_ids(connection, scope, {d.member_id for d in deliveries if d.member_id is not None})
    return [
        DeliveryView(
            id=str(delivery.id),
            endpoint=endpoint.public_id,
            message_id=message_id(delivery.outbox_id),
            type=messages[delivery.outbox_id].type,
            member=names[delivery.member_id].external_id if delivery.member_id is not None else None,
            state=str(delivery.state),
            attempts=delivery.attempts,
            next_attempt_at=delivery.next_attempt_at,
            created_at=delivery.created_at,
            finished_at=delivery.finished_at,
            log=_log(logs, delivery.id),
        )
        for delivery in deliveries
    ]


def _log(logs: Mapping[int, Sequence[Attempt]], delivery_id: int) -> tuple[AttemptView, ...]:
    return tuple(
        AttemptView(each.number, each.at, each.status, each.took_us, each.error, each.answer)
        for each in logs.get(delivery_id, ())
    )
