"""Registering a webhook for moves between tiers: an extension, since the vendor's v2 API sends none.

What is made is an endpoint like every other; the native API lists, pauses, replays and deletes it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ziggurat.app.principal import KeyScope
from ziggurat.app.webhooks.create_endpoint import create_endpoint
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.envelope import EVENTS, TIER_EVENTS, TYPES
from ziggurat.http.faces.voucherify.lists import only_parameters
from ziggurat.http.faces.voucherify.read_wire import read_body
from ziggurat.http.faces.voucherify.translate_rules import Wire
from ziggurat.http.faces.voucherify.wire_parts import Asked, Said


class WebhookCreate(Asked):
    """Where messages are to go."""

    target_url: Annotated[str, Field(min_length=1, max_length=2_000)]


class Webhook(Said):
    """What was registered; `secret_key` signs and is shown this once."""

    id: str
    target_url: str
    events: list[str]
    secret_key: str
    object: str


def webhook_routes() -> list[FaceRoute]:
    """The route that registers a webhook."""
    return [
        FaceRoute(
            method="POST",
            path="/ziggurat/webhooks",
            scope=KeyScope.ADMIN,
            run=_create,
            summary="Register a webhook for moves between tiers (not one of the vendor's operations)",
            body=WebhookCreate,
            answer=Webhook,
        )
    ]


def _create(visit: Visit) -> Wire:
    only_parameters(visit, ())
    _, said = read_body(WebhookCreate, visit.body)
    made = create_endpoint(
        visit.context,
        url=said["target_url"],
        types=TYPES,
        dialect=FACE,
        private_targets=visit.service.settings.webhook_private_targets,
    )
    return {
        "id": made.endpoint.id,
        "target_url": made.endpoint.url,
        "events": [*EVENTS.values(), *TIER_EVENTS.values()],
        "secret_key": made.secret,
        "object": "webhook",
    }
