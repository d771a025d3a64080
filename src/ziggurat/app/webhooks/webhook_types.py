"""The messages that webhooks carry: their types, and an example of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PING = "ping"
FIRST_EVENT = "member.first_event"
POINTS_MOVED = "points.moved"
CORRECTED = "tier.corrected"
ACTIVATED = "program.activated"
AUDIENCE_JOINED = "audience.member_joined"
AUDIENCE_LEFT = "audience.member_left"
AUDIENCE_REBUILT = "audience.rebuilt"
MEMBER_CREATED = "member.created"
MEMBER_CHANGED = "member.changed"
DELIVERY_FAILED = "webhook.delivery_failed"

WEBHOOK_TYPES: Mapping[str, str] = {
    "tier.joined": "A member is in a tier for the first time, or again after having had none.",
    "tier.upgraded": "A member moved to a higher tier.",
    "tier.downgraded": "A member moved to a lower tier.",
    "tier.renewed": "A member's tier is held anew.",
    "tier.left": "A member has no tier any more.",
    CORRECTED: "Moves told earlier are no longer true, since an event arrived late; with those that took their place.",
    ACTIVATED: "A revision of a program is in force for everybody.",
    AUDIENCE_JOINED: "A member is in an audience that she was not in before.",
    AUDIENCE_LEFT: "A member is no longer in an audience.",
    AUDIENCE_REBUILT: "An audience was filled for the first time, or by new rules; how many joined and left.",
    MEMBER_CREATED: "There is a new member. Only told where an organization uses audiences.",
    MEMBER_CHANGED: "Something else is known of a member: `fields` names what, never the values.",
    FIRST_EVENT: "The ledger has the first event of a member. Only sent to endpoints that name this type.",
    POINTS_MOVED: "A member's points are other ones than before. Only sent to endpoints that name this type.",
    DELIVERY_FAILED: "A message was given up that another endpoint would not take. Only sent to who names it, "
    "and never about one of its own type.",
    PING: "A test message, sent on request.",
}

FLOODING = frozenset({FIRST_EVENT, POINTS_MOVED})
"""What would flood those who want everything: nearly every event says it."""
BY_NAME_ONLY = FLOODING | {DELIVERY_FAILED}
"""What those who want everything do not get."""

_MOVE: Mapping[str, Any] = {
    "program": "prg_5b0c4e9d1f2a3b4c",
    "member": "m-1001",
    "at": "2025-07-01T12:00:00Z",
    "kind": "upgraded",
    "cause": "event",
    "from_tier": "Silver",
    "to_tier": "Gold",
    "value": "2040",
    "threshold": "2000",
    "expires_at": "2026-07-02T00:00:00Z",
    "revision": 1,
}


def _moved(kind: str, from_tier: str, to_tier: str) -> Mapping[str, Any]:
    return {**_MOVE, "kind": kind, "from_tier": from_tier, "to_tier": to_tier}


_PLACED: Mapping[str, Any] = {
    "audience": "aud_77c1f0a4be1d2230",
    "audience_name": "Regulars",
    "member": "m-1001",
    "at": "2025-07-01T12:00:00Z",
    "cause": "event",
}

WEBHOOK_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "tier.joined": _moved("joined", "", "Member"),
    "tier.upgraded": _MOVE,
    "tier.downgraded": _moved("downgraded", "Gold", "Silver"),
    "tier.renewed": _moved("renewed", "Gold", "Gold"),
    "tier.left": _moved("left", "Silver", ""),
    CORRECTED: {"program": _MOVE["program"], "member": "m-1001", "superseded": [_MOVE], "moves": [], "tier": "Silver"},
    ACTIVATED: {
        "program": _MOVE["program"],
        "revision": 2,
        "effective_from": "2025-07-01T00:00:00Z",
        "members_moved": 12,
    },
    AUDIENCE_JOINED: _PLACED,
    AUDIENCE_LEFT: _PLACED,
    AUDIENCE_REBUILT: {
        "audience": "aud_77c1f0a4be1d2230",
        "audience_name": "Regulars",
        "joined": 1204,
        "left": 17,
        "members": 5310,
    },
    MEMBER_CREATED: {"member": "m-1001", "at": "2025-07-01T12:00:00Z"},
    MEMBER_CHANGED: {"member": "m-1001", "fields": ["email", "metadata.tags"], "at": "2025-07-01T12:00:00Z"},
    FIRST_EVENT: {"member": "m-1001", "at": "2025-07-01T12:00:00Z"},
    POINTS_MOVED: {
        "member": "m-1001",
        "at": "2025-07-01T12:00:00Z",
        "balance": "640",
        "earned": "700",
        "adjusted": "0",
        "spent": "60",
        "returned": "0",
        "expired": "0",
    },
    DELIVERY_FAILED: {
        "endpoint": "whe_0a1b2c3d4e5f6071",
        "delivery": "4711",
        "message": "msg_1204",
        "type": "tier.upgraded",
        "attempts": 18,
        "status": 503,
        "at": "2025-07-04T12:00:00Z",
    },
    PING: {"endpoint": "whe_0a1b2c3d4e5f6071"},
}
"""The `data` of a message of each type; around it stand `type` and `timestamp`."""
