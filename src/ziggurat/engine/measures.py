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


def contribution(  # noqa: PLR0911 - one return a kind
    measure: Measure, event: Event, part: Holding, currency: str
) -> tuple[int, int]:
    """What `part` of `event` adds to `measure`: (amount in ten-thousandths, number of orders).

    The number of orders is what an average divides by; other measures leave it 0. Money in another currency than
    `currency` counts for nothing (either one empty: any currency). What does not qualify counts for the balance only.
    """
    match measure.kind:
        case MeasureKind.POINTS_BALANCE:
            return _balance(event, part), 0
        case MeasureKind.ACTIVITY:
            return part.quantity if event.type is EventType.ACTIVITY and event.activity == measure.name else 0, 0
        case _ if not event.qualifying:
            return 0, 0
        case MeasureKind.POINTS_EARNED | MeasureKind.POINTS_LIFETIME if event.type in _EARNINGS:
            return part.points if measure.kind is MeasureKind.POINTS_EARNED else max(part.points, 0), 0
        case MeasureKind.SPEND if _same_money(event, currency):
            return _money(event, part), 0
        case MeasureKind.AVERAGE_ORDER_VALUE if _same_money(event, currency):
            return _money(event, part), _orders(event, part)
        case MeasureKind.ORDERS:
            return SCALE * _orders(event, part), 0
    return 0, 0


def _balance(event: Event, part: Holding) -> int:
    return part.points if event.type in _CREDITS else -part.points if event.type in _DEBITS else 0


def _money(event: Event, part: Holding) -> int:
    placed, refunded = event.type is EventType.ORDER_PLACED, event.type is EventType.ORDER_REFUNDED
    return part.amount if placed else -part.amount if refunded else 0


def _orders(event: Event, part: Holding) -> int:
    return int(event.type is EventType.ORDER_PLACED and part.whole)


def _same_money(event: Event, currency: str) -> bool:
    return not currency or not event.currency or event.currency == currency
