"""Programs and events that tests of use cases share."""

from collections.abc import Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.programs.publish_program import publish_program
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import calendar
from ziggurat.program.events import Event, EventType

COFFEE: Mapping[str, Any] = {
    "name": "Coffee Club",
    "qualification": {"measure": "points_earned", "window": {"rolling": {"months": 12}}},
    "expiration": {"type": "fixed_duration", "period": {"months": 12}},
    "downgrade": {"type": "single_level", "grace_period": {"months": 1}},
    "base_tier": {"name": "Member"},
    "tiers": [{"name": "Silver", "from": 500}, {"name": "Gold", "from": 2000}],
}
"""Rolling points, held for a year, one step down after a month of grace."""

SPEND: Mapping[str, Any] = {
    "name": "Spend",
    "qualification": {"measure": "spend"},
    "award": "split",
    "tiers": [{"name": "Silver", "from": 15000}, {"name": "Gold", "from": 16000.5}],
}
"""Lifetime spend, no base tier, amounts split at the threshold."""

_utc = calendar("UTC")


def publish(context: Context, document: Mapping[str, Any] = COFFEE, **changes: Any) -> str:
    """`document` with `changes` in force from the beginning; the program's id."""
    return publish_program(context, {**document, **changes}).program.id


def earned(member: str, at: str, points: float, id: str = "", **said: Any) -> Event:
    """`points.earned`."""
    return Event(member, EventType.POINTS_EARNED, _utc.parse(at), id=id, points=round(points * SCALE), **said)


def order(member: str, at: str, amount: float, id: str = "", **said: Any) -> Event:
    """`order.placed`."""
    return Event(member, EventType.ORDER_PLACED, _utc.parse(at), id=id, amount=round(amount * SCALE), **said)


def reversal(member: str, at: str, reverses: str, id: str = "", points: float | None = None) -> Event:
    """`reversal`, of the whole or of some points."""
    part = None if points is None else round(points * SCALE)
    return Event(member, EventType.REVERSAL, _utc.parse(at), id=id, reverses=reverses, points=part)
