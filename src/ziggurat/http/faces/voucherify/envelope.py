"""Messages about moves and tiers in the vendor's webhook envelope: an extension, since its v2 API sends none.

Names, envelope and signature are those of its v1 (unknown 25 of the sheet); ids are those of v2.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.webhooks.deliver_webhooks import Shipment
from ziggurat.app.webhooks.webhook_types import CORRECTED
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.ids import customer_id, derived_id, structure_id, tier_id
from ziggurat.http.faces.voucherify.structures import Structure, structure_of
from ziggurat.http.faces.voucherify.translate_tiers import shown_tiers
from ziggurat.program.calendar import calendar
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories.outbox import Message

SIGNATURE = "x-voucherify-signature"
EVENTS = {
    "joined": "customer.loyalty.tier.joined",
    "left": "customer.loyalty.tier.left",
    "upgraded": "customer.loyalty.tier.upgraded",
    "downgraded": "customer.loyalty.tier.downgraded",
    "renewed": "customer.loyalty.tier.prolonged",
}
TIER_EVENTS = {f"{FACE}:tier.{what}": f"campaign.loyalty_tier.{what}" for what in ("created", "updated", "deleted")}
TYPES = (*(f"tier.{kind}" for kind in EVENTS), CORRECTED)
_UTC = calendar("UTC")


def voucherify_envelope(context: Context, shipment: Shipment) -> tuple[bytes, Mapping[str, str]]:
    """The message as the body that is posted to the endpoint, and its signature."""
    endpoint, message = shipment.endpoint, shipment.message
    at = millisecond_text(message.occurred_at)
    number = str(message.id)
    if message.type in TIER_EVENTS:
        type_, data = TIER_EVENTS[message.type], {**message.payload, "created_at": at}
        entity, channel = message.payload["loyalty_tier"]["id"], "API"
    else:
        kind, move = _move(message)
        type_, data = EVENTS.get(kind, message.type), _data(context, kind, move, at)
        entity, channel = customer_id(str(move.get("member", ""))), "INTERNAL"
    envelope = {
        "id": derived_id("whs", endpoint.public_id, number),
        "project_id": derived_id("proj", str(context.scope.organization_id)),
        "created_at": at,
        "type": type_,
        "data": data,
        "source": {"id": endpoint.public_id, "object": "webhook", "target_url": endpoint.url},
        "event": {
            "id": derived_id("ev", number),
            "type": type_,
            "created_at": at,
            "entity_id": entity,
            "group_id": None,
            "event_source": {"channel": channel},
        },
    }
    body = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False).encode()
    return body, {SIGNATURE: signature(endpoint.secrets[0], body)}


def signature(secret: str, body: bytes) -> str:
    """The vendor's signature of a body: HMAC with SHA-256, in hexadecimal."""
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def _move(message: Message) -> tuple[str, Mapping[str, Any]]:
    """The kind of move, and the move; of a correction the last that took the place of what was told."""
    payload = message.payload
    if message.type != CORRECTED:
        return message.type.removeprefix("tier."), payload
    if payload["moves"]:
        last: Mapping[str, Any] = payload["moves"][-1]
        return str(last["kind"]), last
    gone = payload["superseded"][-1]
    move = {**gone, "from_tier": gone["to_tier"], "to_tier": payload["tier"]}
    return ("downgraded" if payload["tier"] else "left"), move


def _data(context: Context, kind: str, move: Mapping[str, Any], at: str) -> dict[str, Any]:
    member, program = str(move.get("member", "")), str(move.get("program", ""))
    try:
        structure: Structure | None = structure_of(read_program(context, program)) if program else None
    except NotFoundError:
        structure = None
    before, after = (_tier(structure, program, str(move.get(name) or "")) for name in ("from_tier", "to_tier"))
    moved = kind in ("upgraded", "downgraded")
    tiers = {"loyalty_tier_from": before, "loyalty_tier_to": after} if moved else {"loyalty_tier": after or before}
    ends = move.get("expires_at")
    return {
        "customer": {
            "id": customer_id(member),
            "name": None,
            "email": None,
            "source_id": member,
            "metadata": {},
            "object": "customer",
        },
        "campaign": {
            "id": structure_id(program),
            "name": structure.program.name if structure else None,
            "object": "tier_structure",
        },
        **tiers,
        "expires_at": None if ends is None else millisecond_text(_UTC.parse(str(ends))),
        "created_at": at,
    }


def _tier(structure: Structure | None, program: str, name: str) -> dict[str, Any] | None:
    if not name:
        return None
    ladder = shown_tiers(structure.program) if structure else ()
    key = next((tier.key for tier in ladder if tier.name == name), name)
    return {
        "id": tier_id(program, key),
        "tier_structure_id": structure_id(program),
        "name": name,
        "object": "tier",
    }
