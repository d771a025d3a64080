"""What a member brings from elsewhere as events: the ledger stays the only source of amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ziggurat.engine.scores import OPENED
from ziggurat.program.amounts import SCALE, format_units
from ziggurat.program.events import Event, EventType

REASON = "opening balance"
"""The reason that these events carry."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Amounts in ten-thousandths, None where nothing is said.

    Args:
        points_balance: what there is to be spent.
        points_lifetime: points ever earned; not said, none were.
        order_count: whole orders.
        lifetime_value: what they came to.
        last_order_at: when all of them are taken to have been; not said, now.
        scores: decaying scores by the names in `engine.scores.OPENED`, as they are now.
    """

    points_balance: int | None = None
    points_lifetime: int | None = None
    order_count: int | None = None
    lifetime_value: int | None = None
    last_order_at: int | None = None
    scores: Mapping[str, int] = field(default_factory=dict)

    @property
    def orders(self) -> int:
        """How many orders that makes: money alone is one."""
        return self.order_count or (1 if self.lifetime_value else 0)


def opening_problems(opening: Opening, now: int) -> dict[str, str]:
    """What is wrong with an opening, by the names of its fields."""
    found = {}
    for name in ("points_lifetime", "order_count", "lifetime_value"):
        if (getattr(opening, name) or 0) < 0:
            found[name] = "must not be less than 0"
    if (opening.points_balance or 0) < 0:
        found["points_balance"] = "must not be less than 0"
    if opening.last_order_at is not None and opening.last_order_at > now:
        found["last_order_at"] = "lies ahead"
    found.update({name: "is no score" for name in opening.scores if name not in OPENED})
    return found


def opening_events(member: str, opening: Opening, now: int) -> list[Event]:
    """The events that give a new member what she brings; reckoned from them, her amounts are those."""
    at = now if opening.last_order_at is None else opening.last_order_at
    events = [
        Event(member, EventType.ORDER_PLACED, at, amount=amount, reason=REASON)
        for amount in _shares(opening.lifetime_value or 0, opening.orders)
    ]
    lifetime = opening.points_lifetime or 0
    rest = (lifetime if opening.points_balance is None else opening.points_balance) - lifetime
    if lifetime:
        events.append(Event(member, EventType.POINTS_ADJUSTED, now, points=lifetime, reason=REASON))
    if rest:
        events.append(Event(member, EventType.POINTS_ADJUSTED, now, points=rest, qualifying=False, reason=REASON))
    # scores come last: what is said of one takes the place of all that came before
    events += [
        Event(member, EventType.ATTRIBUTE_SET, now, attribute=name, value=format_units(units), reason=REASON)
        for name, units in opening.scores.items()
    ]
    return events


def _shares(amount: int, count: int) -> list[int]:
    """`amount` over `count` orders in whole cents as far as that goes; the last takes what is left over."""
    if not count:
        return []
    cent = SCALE // 100
    each = amount // count // cent * cent
    return [*([each] * (count - 1)), amount - each * (count - 1)]
