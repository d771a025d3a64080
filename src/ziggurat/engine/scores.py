"""The eight amounts that audiences are cut by, and the ranks of three of them: for many members at once, in integers.

A score is a decayed sum. What happened `d` UTC days ago counts `units * weight(d) / 2**30`, rounded towards zero, where
`weight(d)` is 2**30 * 2**(-d / half life), rounded to the nearest integer; a weight is a whole number, a product is
exact and each is rounded once, so the same history gives the same score on every machine, whatever the order in which
it is added up. Shares that were reversed are taken off the event they belong to, and so decay with it.

A score may be opened with a value that is said from outside: the latest such word counts like something that happened
then, and what happened up to then does not count any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ziggurat.program.amounts import SCALE
from ziggurat.program.events import EventType

Int64s: TypeAlias = NDArray[np.int64]

DAY_US = 86_400_000_000
KINDS = tuple(EventType)
"""What `EventColumns.kind` counts in."""
RANKS = 5
OPENED = ("activity_score", "purchase_frequency_score", "monetary_score")
"""The scores that can be opened, by the names of the attributes that do so."""
_BITS = 30
_MASK = (1 << _BITS) - 1
_CODE = {kind: code for code, kind in enumerate(KINDS)}
_EARNINGS = (EventType.POINTS_EARNED, EventType.POINTS_ADJUSTED, EventType.ORDER_PLACED)
_CREDITS = (*_EARNINGS, EventType.POINTS_RETURNED)
_DEBITS = (EventType.POINTS_SPENT, EventType.POINTS_EXPIRED)
_DOINGS = (EventType.POINTS_EARNED, EventType.POINTS_SPENT, EventType.ORDER_PLACED, EventType.ACTIVITY)
NOT_YET = -(2**63)
"""In place of an instant: it has never been."""


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """K scores said from outside, at most one of each kind for a member, all int64[K].

    Args:
        place: the rows that say so.
        score: which one, counted in OPENED.
        value: ten-thousandths.
    """

    place: Int64s
    score: Int64s
    value: Int64s


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """What is left of the events of M members after reversals; rows `offsets[m]` to `offsets[m + 1]` are member m's.

    Args:
        offsets: int64[M + 1].
        occurred_at: int64[N], UTC microseconds.
        kind: int64[N], indexes into KINDS; reversals themselves are rows that say nothing.
        points, amount, quantity: int64[N] ten-thousandths, 0 where not said; an activity has a quantity.
        whole: bool[N], that an order still counts as one.
        qualifying: bool[N].
        openings: scores that are said; None where none is.
    """

    offsets: Int64s
    occurred_at: Int64s
    kind: Int64s
    points: Int64s
    amount: Int64s
    quantity: Int64s
    whole: NDArray[np.bool_]
    qualifying: NDArray[np.bool_]
    openings: Openings | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MemberAmounts:
    """The eight amounts of M members, int64 ten-thousandths, and two instants (NOT_YET where there is none)."""

    points_balance: Int64s
    points_lifetime: Int64s
    lifetime_value: Int64s
    order_count: Int64s
    average_order_value: Int64s
    activity_score: Int64s
    purchase_frequency_score: Int64s
    monetary_score: Int64s
    last_order_at: Int64s
    last_activity_at: Int64s


def day_of(instant: int) -> int:
    """The UTC day of an instant, in days since 1970."""
    return instant // DAY_US


@lru_cache(maxsize=32)
def weights(half_life_days: int) -> Int64s:
    """What one unit counts after 0, 1, 2, ... days, in 2**-30; the last weight is 0.

    >>> weights(1)[:4].tolist()
    [1073741824, 536870912, 268435456, 134217728]
    """
    exact = Context(prec=50)
    found: list[int] = []
    while not found or found[-1]:
        power = exact.power(Decimal(2), exact.subtract(_BITS, exact.divide(len(found), half_life_days)))
        found.append(int(power.to_integral_value(ROUND_HALF_EVEN)))
    table = np.array(found, np.int64)
    table.setflags(write=False)
    return table


def member_amounts(events: EventColumns, as_of: int, half_life_days: int) -> MemberAmounts:
    """The amounts of every member at `as_of`; events after it have not happened yet.

    `average_order_value` is rounded down to a ten-thousandth.
    """
    kind, happened = events.kind, events.occurred_at <= as_of
    qualifies = events.qualifying & happened
    placed = (kind == _CODE[EventType.ORDER_PLACED]) & qualifies
    refunded = (kind == _CODE[EventType.ORDER_REFUNDED]) & qualifies
    acted = (kind == _CODE[EventType.ACTIVITY]) & happened
    money = np.where(placed, events.amount, np.where(refunded, -events.amount, 0))
    orders = np.where(placed & events.whole, SCALE, 0)
    doing = np.where(acted, events.quantity, 0) + orders
    balance = np.where(_among(kind, _CREDITS), events.points, np.where(_among(kind, _DEBITS), -events.points, 0))
    earned = np.where(_among(kind, _EARNINGS) & qualifies, np.maximum(events.points, 0), 0)
    weight = _weights_at(events.occurred_at, as_of, half_life_days)
    scores = [_decayed(doing, weight), _decayed(orders, weight), _decayed(money, weight)]
    if events.openings is not None:
        _open(scores, events.openings, events.offsets, weight)
    active, often, monetary = scores
    spent, counted = _sums(money, events.offsets), _sums(orders, events.offsets)
    average = np.zeros(len(spent), np.int64)
    np.floor_divide(spent, counted // SCALE, out=average, where=counted > 0)
    return MemberAmounts(
        points_balance=_sums(np.where(happened, balance, 0), events.offsets),
        points_lifetime=_sums(earned, events.offsets),
        lifetime_value=spent,
        order_count=counted,
        average_order_value=average,
        activity_score=_sums(active, events.offsets),
        purchase_frequency_score=_sums(often, events.offsets),
        monetary_score=_sums(monetary, events.offsets),
        last_order_at=_latest(events, placed & events.whole),
        last_activity_at=_latest(events, _among(kind, _DOINGS) & happened),
    )


def ranks(scores: Int64s) -> Int64s:
    """Everybody's fifth, 1 (the bottom) to 5, among those with a score above zero; 0 for all others.

    Of `n` such members, one whom `k` of them (herself included) do not exceed has rank ceil(5 * k / n); so members with
    the same score have the same rank.

    >>> ranks(np.array([0, 10, 20, 20, 30, -1])).tolist()
    [0, 2, 4, 4, 5, 0]
    """
    positive = np.sort(scores[scores > 0])
    count = max(len(positive), 1)
    not_above = np.searchsorted(positive, scores, side="right").astype(np.int64)
    return np.where(scores > 0, -(-RANKS * not_above // count), 0)


def _among(kind: Int64s, kinds: tuple[EventType, ...]) -> NDArray[np.bool_]:
    return np.isin(kind, [_CODE[one] for one in kinds])


def _weights_at(occurred_at: Int64s, as_of: int, half_life_days: int) -> Int64s:
    table = weights(half_life_days)
    age = day_of(as_of) - occurred_at // DAY_US
    found: Int64s = table[np.clip(age, 0, len(table) - 1)]
    return found


def _open(scores: list[Int64s], openings: Openings, offsets: Int64s, weight: Int64s) -> None:
    """Let what is said of scores take the place of all rows up to the one that says it."""
    starts = offsets[np.searchsorted(offsets, openings.place, side="right") - 1]
    values = _decayed(openings.value, weight[openings.place])
    columns = (starts, openings.place, openings.score, values)
    for start, place, score, value in zip(*(column.tolist() for column in columns), strict=True):
        scores[score][start:place] = 0
        scores[score][place] = value


def _decayed(units: Int64s, weight: Int64s) -> Int64s:
    """floor(units * weight / 2**30) of every row, though the product may be wider than 64 bits."""
    magnitude = np.abs(units)
    high, low = magnitude >> _BITS, magnitude & _MASK
    whole = high * weight + ((low * weight) >> _BITS)
    return np.where(units < 0, -whole, whole)


def _sums(values: Int64s, offsets: Int64s) -> Int64s:
    """The sum of each member's rows. Sums over several members may wrap around, the differences are right."""
    running = np.zeros(len(values) + 1, np.int64)
    with np.errstate(over="ignore"):
        np.cumsum(values, out=running[1:])
        found: Int64s = running[offsets[1:]] - running[offsets[:-1]]
    return found


def _latest(events: EventColumns, counts: NDArray[np.bool_]) -> Int64s:
    """The last instant of each member's rows that count; rows are in order."""
    places = np.where(counts, np.arange(1, len(counts) + 1, dtype=np.int64), 0)
    last: Int64s = np.zeros(len(events.offsets) - 1, np.int64)
    busy = np.flatnonzero(np.diff(events.offsets) > 0)
    if len(busy):
        last[busy] = np.maximum.reduceat(places, events.offsets[busy])
    instants: Any = np.concatenate([[NOT_YET], events.occurred_at])
    found: Int64s = instants[last]
    return found
