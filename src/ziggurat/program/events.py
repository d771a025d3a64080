"""What happened to a member, as a frozen value. Ledger rows are never changed; a correction is a new event."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self


class EventType(StrEnum):
    """What kind of fact an event is (docs/rules.md, "Events")."""

    POINTS_EARNED = "points.earned"
    POINTS_ADJUSTED = "points.adjusted"
    POINTS_SPENT = "points.spent"
    POINTS_EXPIRED = "points.expired"
    POINTS_RETURNED = "points.returned"
    ORDER_PLACED = "order.placed"
    ORDER_REFUNDED = "order.refunded"
    REVERSAL = "reversal"
    ACTIVITY = "activity"
    ATTRIBUTE_SET = "attribute.set"
    MEMBER_ENROLLED = "member.enrolled"
    TIER_OVERRIDE = "tier.override"

    __hash__ = str.__hash__  # an enumeration's own is written in Python, and every event is looked up by its type


REVERSIBLE = frozenset(
    {
        EventType.POINTS_EARNED,
        EventType.POINTS_ADJUSTED,
        EventType.POINTS_SPENT,
        EventType.POINTS_EXPIRED,
        EventType.POINTS_RETURNED,
        EventType.ORDER_PLACED,
        EventType.ORDER_REFUNDED,
        EventType.ACTIVITY,
    }
)
"""The types that a reversal may undo."""


class OverrideMode(StrEnum):
    """What a person's decision about one member does to the rules' answer."""

    FIXED = "fixed"
    FLOOR = "floor"
    ONCE = "once"


@dataclass(frozen=True, slots=True, init=False)
class Event:
    """One fact about one member.

    `occurred_at` and `until` are UTC microseconds; `points`, `amount` and `quantity` ten-thousandths, None where not
    said. For a reversal `points`, `amount` or `quantity` is the part undone (a magnitude), none of them the whole.
    `value` is an attribute's new value as text ("" clears it); as a number or a date it is read by whoever needs one.

    Made by `__new__`, because a frozen dataclass sets its seventeen fields one call at a time: that took longer than
    anything else there is to do with an event.
    """

    member: str
    type: EventType
    occurred_at: int
    id: str = ""
    points: int | None = None
    amount: int | None = None
    quantity: int | None = None
    currency: str = ""
    qualifying: bool = True
    reverses: str = ""
    activity: str = ""
    attribute: str = ""
    value: str = ""
    tier: str = ""
    mode: OverrideMode | None = None
    until: int | None = None
    reason: str = ""

    def __new__(  # noqa: PLR0913, PLR0917 - the fields
        cls,
        member: str,
        type: EventType,
        occurred_at: int,
        id: str = "",
        points: int | None = None,
        amount: int | None = None,
        quantity: int | None = None,
        currency: str = "",
        qualifying: bool = True,  # noqa: FBT001, FBT002 - a field
        reverses: str = "",
        activity: str = "",
        attribute: str = "",
        value: str = "",
        tier: str = "",
        mode: OverrideMode | None = None,
        until: int | None = None,
        reason: str = "",
    ) -> Self:
        made: Any = _Unfrozen()
        made.member = member
        made.type = type
        made.occurred_at = occurred_at
        made.id = id
        made.points = points
        made.amount = amount
        made.quantity = quantity
        made.currency = currency
        made.qualifying = qualifying
        made.reverses = reverses
        made.activity = activity
        made.attribute = attribute
        made.value = value
        made.tier = tier
        made.mode = mode
        made.until = until
        made.reason = reason
        made.__class__ = cls
        event: Self = made
        return event

    def __reduce__(self) -> tuple[Any, ...]:
        return Event, tuple([getattr(self, field.name) for field in fields(self)])


class _Unfrozen:
    """An event in the making."""

    __slots__ = tuple(field.name for field in fields(Event))
