"""What each type of event says: the fields it reads, those it needs, and the amounts that may be negative.

Fields that a type does not read are ignored: data files carry them. The doors agree because they all ask here.
"""

from __future__ import annotations

from ziggurat.program.events import EventType

_POINTS = frozenset({"points", "qualifying", "reason"})

READS: dict[EventType, frozenset[str]] = {
    EventType.POINTS_EARNED: _POINTS,
    EventType.POINTS_ADJUSTED: _POINTS,
    EventType.POINTS_SPENT: _POINTS,
    EventType.POINTS_EXPIRED: _POINTS,
    EventType.POINTS_RETURNED: _POINTS,
    EventType.ORDER_PLACED: frozenset({"amount", "points", "currency", "qualifying", "reason"}),
    EventType.ORDER_REFUNDED: frozenset({"amount", "currency", "qualifying", "reason"}),
    EventType.REVERSAL: frozenset({"reverses", "points", "amount", "quantity", "reason"}),
    EventType.ACTIVITY: frozenset({"activity", "quantity", "qualifying", "reason"}),
    EventType.ATTRIBUTE_SET: frozenset({"attribute", "value", "reason"}),
    EventType.MEMBER_ENROLLED: frozenset({"reason"}),
    EventType.TIER_OVERRIDE: frozenset({"tier", "mode", "until", "reason"}),
}
"""The fields each type reads beside `id`, `member`, `type` and `occurred_at`."""

NEEDS: dict[EventType, tuple[tuple[str, ...], ...]] = {
    EventType.POINTS_EARNED: (("points",),),
    EventType.POINTS_ADJUSTED: (("points",),),
    EventType.POINTS_SPENT: (("points",),),
    EventType.POINTS_EXPIRED: (("points",),),
    EventType.POINTS_RETURNED: (("points",),),
    EventType.ORDER_PLACED: (("amount", "points"),),
    EventType.ORDER_REFUNDED: (("amount",),),
    EventType.REVERSAL: (("reverses",),),
    EventType.ACTIVITY: (("activity",),),
    EventType.ATTRIBUTE_SET: (("attribute",),),
    EventType.MEMBER_ENROLLED: (),
    EventType.TIER_OVERRIDE: (("tier",), ("mode",)),
}
"""What each type needs: of every group, at least one field."""

MAY_BE_NEGATIVE: frozenset[tuple[EventType, str]] = frozenset({(EventType.POINTS_ADJUSTED, "points")})
"""Where an amount below zero has a meaning; everywhere else it is refused."""
