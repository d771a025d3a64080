"""What an event contributes to a measure (docs/rules.md, "Measures")."""

from __future__ import annotations

from ziggurat.program.amounts import SCALE
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import Measure, MeasureKind
from ziggurat.program.reversals import Holding

_CREDITS = frozenset(
    {EventType.POINTS_EARNED, EventType.POINTS_ADJUSTED, EventType.POINTS_RETURNED, EventType.ORDER_PLACED}
)
_DEBITS = frozenset({EventType.POINTS_SPENT, EventType.POINTS_EXPIRED})
_EARNINGS = frozenset({EventType.POINTS_EARNED, EventType.POINTS_ADJUSTED, EventType.ORDER_PLACED})


def contribution(measure: Measure, event: Event, part: Holding, currency: str) -> tuple[int, int]:
    """What `part` of `event` adds to `measure`: (amount in ten-thousandths, number of orders).

    The number of orders is what an average divides by; other measures leave it 0. Money in another currency than
    `currency` counts for nothing (either one empty: any currency).
    """
    kind = measure.kind
    if kind is MeasureKind.POINTS_BALANCE:
        return (part.points if event.type in _CREDITS else -part.points if event.type in _DEBITS else 0), 0
    if kind is MeasureKind.ACTIVITY:
        return (part.quantity if event.type is EventType.ACTIVITY and event.activity == measure.name else 0), 0
    if not event.qualifying:
        return 0, 0
    if kind is MeasureKind.POINTS_EARNED:
        return (part.points if event.type in _EARNINGS else 0), 0
    if kind is MeasureKind.POINTS_LIFETIME:
        return (max(part.points, 0) if event.type in _EARNINGS else 0), 0
    placed = event.type is EventType.ORDER_PLACED
    if kind is MeasureKind.ORDERS:
        return (SCALE if placed and part.whole else 0), 0
    if currency and event.currency and event.currency != currency:
        return 0, 0
    money = part.amount if placed else -part.amount if event.type is EventType.ORDER_REFUNDED else 0
    if kind is MeasureKind.SPEND:
        return money, 0
    if kind is MeasureKind.AVERAGE_ORDER_VALUE:
        return money, int(placed and part.whole)
    return 0, 0
