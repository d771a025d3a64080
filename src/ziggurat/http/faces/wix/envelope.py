r"""Messages in the vendor's webhook envelope: a signed token whose claim `data` is JSON in JSON in JSON.

    {"data": "{\"data\": \"<event>\", \"instanceId\", \"eventType\", \"identity\": \"<identity>\"}"}

Tiers tell what was created, updated and deleted through Wix, and the loyalty program that it was updated; accounts
tell through whichever door that they are new, that their points moved, and that they were updated when a member moves
between tiers. There is no message of the vendor's for settings or for a move as such.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.webhooks.deliver_webhooks import Shipment
from ziggurat.app.webhooks.webhook_types import CORRECTED, FIRST_EVENT, POINTS_MOVED
from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.instants import microsecond_text
from ziggurat.http.faces.wix.account_view import account_message, read_account
from ziggurat.http.faces.wix.board import find_board
from ziggurat.http.faces.wix.errors import WixError
from ziggurat.http.faces.wix.seen import FACE
from ziggurat.http.faces.wix.signing import signed
from ziggurat.http.faces.wix.tier_events import CREATED, DELETED, PROGRAM_UPDATED, UPDATED
from ziggurat.store.repositories.outbox import Message

TOLD = (
    *("tier.joined", "tier.upgraded", "tier.downgraded", "tier.left", CORRECTED),
    *(FIRST_EVENT, POINTS_MOVED),
)
"""The messages that accounts are told of by."""
APP_ID = derived_uuid(FACE, "app")
"""Who is said to have caused it: vendor's identities are people and apps."""
_OWN = {
    CREATED: ("tier", "created"),
    UPDATED: ("tier", "updated"),
    DELETED: ("tier", "deleted"),
    PROGRAM_UPDATED: ("program", "updated"),
}
"""Entity and slug of what goes out with a change made through Wix."""
_BODIES: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "created": lambda entity: {"createdEvent": {"entity": entity}},
    "updated": lambda entity: {"updatedEvent": {"currentEntity": entity}},
    "deleted": lambda _: {"deletedEvent": {}},
}
_TOKEN_SECONDS = 3_600
_SECOND = 1_000_000


def wix_envelope(context: Context, shipment: Shipment) -> tuple[bytes, Mapping[str, str]]:
    """The message as the body that is posted to the endpoint."""
    endpoint, message = shipment.endpoint, shipment.message
    site = endpoint.settings.get("site")
    entity, slug, entity_id, body = _told(context, site, message)
    event = {
        "id": derived_uuid(FACE, "event", endpoint.public_id, str(message.id)),
        "entityFqdn": f"wix.loyalty.v1.{entity}",
        "slug": slug,
        "entityId": entity_id,
        "eventTime": microsecond_text(message.occurred_at),
        "triggeredByAnonymizeRequest": False,
        "originatedFrom": "",
        "entityEventSequence": str(message.id),
        **body,
    }
    data = {
        "data": _text(event),
        "instanceId": site or derived_uuid(FACE, "instance", endpoint.public_id),
        "eventType": f"wix.loyalty.v1.{entity}_{slug}",
        "identity": _text({"identityType": "APP", "appId": APP_ID}),
    }
    at = context.now // _SECOND
    claims = {"data": _text(data), "iat": at, "exp": at + _TOKEN_SECONDS}
    return signed(context, claims), {"content-type": "text/plain; charset=utf-8"}


def _told(context: Context, site: str | None, message: Message) -> tuple[str, str, str, dict[str, Any]]:
    """Entity, slug, id and the member of the event that holds the entity."""
    payload = message.payload
    if message.type in _OWN:
        entity, slug = _OWN[message.type]
        said = {name: value for name, value in payload.items() if name != "id" or entity != "program"}
        return entity, slug, payload["id"], _BODIES[slug](said)
    member = str(payload.get("member", ""))
    try:
        board = find_board(context, site)
        account = account_message(read_account(context, board.ladder if board else None, member))
    except WixError:
        account = {"id": member}  # erased since, or the site names no program any more
    if message.type == FIRST_EVENT:
        return "account", "created", member, {"createdEvent": {"entity": account}}
    if message.type == POINTS_MOVED:
        return "account", "points_updated", member, {"actionEvent": {"body": {"account": account}}}
    return "account", "updated", member, {"updatedEvent": {"currentEntity": account}}


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
