"""The vendor's types of webhook events, which of them there are here, and what they say.

The vendor has no event about audiences, tiers or points: those here are an extension (unknown 31), and only sent to who
asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.audiences.find_profiles import find_profiles
from ziggurat.app.context import Context
from ziggurat.app.webhooks.webhook_types import (
    AUDIENCE_JOINED,
    AUDIENCE_LEFT,
    AUDIENCE_REBUILT,
    CORRECTED,
    DELIVERY_FAILED,
    MEMBER_CHANGED,
    MEMBER_CREATED,
    PING,
)
from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.faces.fanfare.consumer_ids import consumer_id
from ziggurat.http.faces.fanfare.fields import FIELDS
from ziggurat.http.faces.fanfare.ids import FACE, organization_uuid, shown_uuid
from ziggurat.program.calendar import calendar
from ziggurat.store.repositories.outbox import Message

VENDORS = {
    "consumer.created": MEMBER_CREATED,
    "consumer.updated": MEMBER_CHANGED,
    "webhook.delivery.failed": DELIVERY_FAILED,
}
"""The vendor's own types that are sent, and what they are called here."""
EXTENSIONS = {
    "audience.member.added": AUDIENCE_JOINED,
    "audience.member.removed": AUDIENCE_LEFT,
    "audience.refreshed": AUDIENCE_REBUILT,
    "loyalty.tier.joined": "tier.joined",
    "loyalty.tier.upgraded": "tier.upgraded",
    "loyalty.tier.downgraded": "tier.downgraded",
    "loyalty.tier.renewed": "tier.renewed",
    "loyalty.tier.left": "tier.left",
    "loyalty.tier.corrected": CORRECTED,
}
NEVER_SENT = (
    *(f"queue.consumer.{what}" for what in ("entered", "admitted", "completed", "left", "denied")),
    *(f"draw.consumer.{what}" for what in ("entered", "won", "lost")),
    "draw.completed",
    *(f"auction.{what}" for what in ("bid.placed", "bid.outbid", "consumer.won", "settled")),
    *(f"order.{what}" for what in ("created", "completed", "cancelled")),
    *(f"distribution.{what}" for what in ("updated", "opened", "closed")),
)
"""The vendor's types about what there is not here: they can be asked for, and never come."""
SENT: Mapping[str, str] = {**VENDORS, **EXTENSIONS}
EVENTS = (*VENDORS, *EXTENSIONS, *NEVER_SENT)
_SHOWN = {native: name for name, native in SENT.items()} | {PING: "webhook.test"}
_NAMES = {native: name for name, native in FIELDS.items()}
_OWN = f"metadata.{FACE}."
_METADATA = "metadata"
_UTC = calendar("UTC")


def native_types(events: Sequence[str]) -> list[str]:
    """The types here of those events; one that never comes if none of them is sent, for an empty list would be all."""
    return sorted({SENT[event] for event in events if event in SENT}) or [PING]


def envelope(context: Context, message: Message) -> dict[str, Any]:
    """A message as the vendor's receivers get it; its id is the same at every try."""
    organization = organization_uuid(context)
    return {
        "id": f"whk_{derived_uuid(FACE, 'message', organization, str(message.id)).replace('-', '')}",
        "type": shown_type(message),
        "timestamp": millisecond_text(message.occurred_at),
        "organizationId": organization,
        "data": _data(context, message),
    }


def shown_type(message: Message) -> str:
    """What the vendor calls the message's type."""
    return _SHOWN.get(message.type, message.type)


def _data(context: Context, message: Message) -> dict[str, Any]:
    payload = message.payload
    if message.type in _OF_NOBODY:
        return _OF_NOBODY[message.type](payload)
    if message.type == MEMBER_CREATED:
        return _created(context, payload)
    if message.type == MEMBER_CHANGED:
        return {
            "consumerId": _consumer(context, payload["member"]),
            "updatedAt": _instant(payload["at"]),
            "changedFields": _changed(payload["fields"]),
        }
    if message.type in (AUDIENCE_JOINED, AUDIENCE_LEFT):
        return {
            "audienceId": shown_uuid("audience", payload["audience"]),
            "audienceName": payload["audience_name"],
            "consumerId": _consumer(context, payload["member"]),
            "cause": payload["cause"],
            "at": _instant(payload["at"]),
        }
    if message.type == CORRECTED:
        return {
            **_of_program(context, payload),
            "tier": payload["tier"] or None,
            "superseded": [_move(context, each) for each in payload["superseded"]],
            "moves": [_move(context, each) for each in payload["moves"]],
        }
    return _move(context, payload) if message.type in _SHOWN and message.type != PING else dict(payload)


def _rebuilt(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "audienceId": shown_uuid("audience", payload["audience"]),
        "audienceName": payload["audience_name"],
        "addedCount": payload["joined"],
        "removedCount": payload["left"],
        "count": payload["members"],
    }


def _failed(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "endpointId": payload["endpoint"],
        "deliveryId": f"whd_{payload['delivery']}",
        "eventType": _SHOWN.get(payload["type"], payload["type"]),
        "attempts": payload["attempts"],
        "statusCode": payload["status"],
        "failedAt": _instant(payload["at"]),
    }


_OF_NOBODY = {AUDIENCE_REBUILT: _rebuilt, DELIVERY_FAILED: _failed}
"""What is about no member, by type."""


def _created(context: Context, payload: Mapping[str, Any]) -> dict[str, Any]:
    (view,) = find_profiles(context, [payload["member"]])
    return {
        "consumerId": _consumer(context, payload["member"]),
        "email": view.email if view else None,
        "phone": view.phone if view else None,
        "fullName": view.full_name if view else None,
        "createdAt": millisecond_text(view.created_at) if view else _instant(payload["at"]),
        "source": "api",
    }


def _move(context: Context, move: Mapping[str, Any]) -> dict[str, Any]:
    ends = move["expires_at"]
    return {
        **_of_program(context, move),
        "fromTier": move["from_tier"] or None,
        "toTier": move["to_tier"] or None,
        "value": move["value"],
        "cause": move["cause"],
        "at": _instant(move["at"]),
        "expiresAt": None if ends is None else _instant(ends),
    }


def _of_program(context: Context, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Whose move it is, and in which group of tiers: a tier group is a program."""
    return {
        "consumerId": _consumer(context, payload["member"]),
        "groupId": shown_uuid("group", str(payload["program"])),
    }


def _consumer(context: Context, member: str) -> str:
    (view,) = find_profiles(context, [member])
    return shown_uuid("consumer", member) if view is None else consumer_id(context, view.number, view.member)


def _changed(fields: Sequence[str]) -> list[str]:
    """The vendor's names of what changed, each once."""
    return list(dict.fromkeys(map(_name_of, fields)))


def _name_of(field: str) -> str:
    if field.startswith(_OWN):
        return field.removeprefix(_OWN)
    return _METADATA if field.startswith(f"{_METADATA}.") else _NAMES.get(field, field)


def _instant(text: str) -> str:
    return millisecond_text(_UTC.parse(text))
