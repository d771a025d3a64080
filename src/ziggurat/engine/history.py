"""Histories: the events of many members, grouped and in order, in the columns that a plan reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ziggurat.engine.layout import (
    EVENT_TYPES,
    FLAG_QUALIFYING,
    FLAG_WHOLE,
    MODE_FIXED,
    MODE_SHIFT,
    MODES,
)
from ziggurat.engine.measures import contribution
from ziggurat.engine.plan import Plan
from ziggurat.engine.plan_shape import Shape
from ziggurat.program.amounts import attribute_units
from ziggurat.program.calendar import NEVER, calendar
from ziggurat.program.events import Event, EventType
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of

Int64s: TypeAlias = NDArray[np.int64]
Int32s: TypeAlias = NDArray[np.int32]
Int8s: TypeAlias = NDArray[np.int8]
UInt8s: TypeAlias = NDArray[np.uint8]

_TYPE_CODES = {kind: code for code, kind in enumerate(EVENT_TYPES)}
_MODE_CODES = {mode: code for code, mode in enumerate(MODES)}
_ENTERED = frozenset({EventType.REVERSAL, EventType.TIER_OVERRIDE, EventType.ATTRIBUTE_SET})


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What the full kernel reads of N events. A column that is None says the same of every event, and costs nothing.

    Args:
        kind: int8, indexes into `layout.EVENT_TYPES`.
        flags: uint8, `layout.FLAG_...`, an override's mode above them. None: all qualify.
        currency: int8, 0 for none said, else the plan's code, or one more than the last of them. None: none said.
        code: int32: an activity's, an attribute's or an override's tier's code in the plan, -1 for an unknown one.
        extra: int64: an override's end (NEVER for none), the number of an attribute's value, or the position in
            the member's history of the event that a reversal undoes.
        points, amount, quantity: int64 ten-thousandths as the event has them, 0 where not said; of a reversal the
            share undone, signed like the event it undoes.
        numbers: int64[V], what each value of an attribute is as a number.
        dates: int64[Z, V], what each is as an instant in each of the plan's zones, NEVER where it is none.
    """

    kind: Int8s
    flags: UInt8s | None = None
    currency: Int8s | None = None
    code: Int32s | None = None
    extra: Int64s | None = None
    points: Int64s | None = None
    amount: Int64s | None = None
    quantity: Int64s | None = None
    numbers: Int64s = field(default_factory=lambda: np.zeros(1, np.int64))
    dates: Int64s = field(default_factory=lambda: np.full((1, 1), NEVER, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """The events of M members: rows `offsets[m]` to `offsets[m + 1]` are member m's, by instant, then arrival.

    Args:
        offsets: int64[M + 1].
        occurred_at: int64[N], UTC microseconds.
        amount: int64[N], what each event adds to the plan's only sum, in ten-thousandths; None where more is read.
        columns: everything that the full kernel reads; None where `amount` is enough.
        rises_only: no amount is negative.
    """

    offsets: Int64s
    occurred_at: Int64s
    amount: Int64s | None = None
    columns: Columns | None = None
    rises_only: bool = False

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def events(self) -> int:
        """How many events there are."""
        return len(self.occurred_at)

    @property
    def bytes(self) -> int:
        """What the columns take in memory."""
        arrays: list[Any] = [self.offsets, self.occurred_at, self.amount]
        if self.columns is not None:
            c = self.columns
            arrays += [c.kind, c.flags, c.currency, c.code, c.extra, c.points, c.amount, c.quantity]
        return sum(array.nbytes for array in arrays if array is not None and array.strides != (0,))


def histories_of(plan: Plan, members: Sequence[Iterable[Event]], *, full: bool = False) -> Histories:
    """The histories of a few members, for a service that evaluates whom a batch of events touches.

    Args:
        plan: what they are read for.
        members: each member's events in order of arrival.
        full: keep every column, even where one of amounts would do.

    Raises:
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    ordered = [sorted(events, key=lambda event: event.occurred_at) for events in members]
    offsets = np.zeros(len(ordered) + 1, np.int64)
    np.cumsum([len(events) for events in ordered], out=offsets[1:])
    events = [event for history in ordered for event in history]
    occurred_at = np.fromiter((event.occurred_at for event in events), np.int64, len(events))
    if not full and plan.shape is not Shape.FULL and not any(event.type in _ENTERED for event in events):
        measure, currency = plan.measures[0], plan.revisions[0].program.currency
        amount = np.fromiter(
            (contribution(measure, event, holding_of(event), currency)[0] for event in events), np.int64, len(events)
        )
        return Histories(offsets, occurred_at, amount, rises_only=not len(amount) or int(amount.min()) >= 0)
    return Histories(offsets, occurred_at, columns=_columns_of(plan, ordered))


def value_tables(plan: Plan, texts: Sequence[str]) -> tuple[Int64s, Int64s]:
    """What attributes' values are as numbers (0 for none) and as instants in each zone (NEVER for none)."""
    numbers = np.fromiter(map(attribute_units, texts), np.int64, len(texts))
    dates = np.array([[_date(text, zone) for text in texts] for zone in plan.zones], np.int64)
    if not len(texts):
        return np.zeros(1, np.int64), np.full((len(plan.zones), 1), NEVER, np.int64)
    return numbers, dates


def _date(text: str, zone: str) -> int:
    try:
        return calendar(zone).parse(text)
    except ValueError:
        return NEVER


def _columns_of(plan: Plan, members: Sequence[Sequence[Event]]) -> Columns:
    rows: list[tuple[int, int, int, int, int, int, int, int]] = []
    texts: dict[str, int] = {}
    for events in members:
        left: dict[str, tuple[Event, Holding, int]] = {}
        for position, event in enumerate(events):
            if event.type is EventType.REVERSAL:
                rows.append(_reversal(event, left))
            else:
                held = holding_of(event)
                left[event.id] = (event, held, position)
                rows.append(_row(plan, event, held, texts))
    table = np.array(rows, np.int64).reshape(len(rows), 8)
    numbers, dates = value_tables(plan, list(texts))
    return Columns(
        kind=table[:, 0].astype(np.int8),
        flags=table[:, 1].astype(np.uint8),
        currency=table[:, 2].astype(np.int8),
        code=table[:, 3].astype(np.int32),
        extra=table[:, 4].copy(),
        points=table[:, 5].copy(),
        amount=table[:, 6].copy(),
        quantity=table[:, 7].copy(),
        numbers=numbers,
        dates=dates,
    )


def _row(
    plan: Plan, event: Event, held: Holding, texts: dict[str, int]
) -> tuple[int, int, int, int, int, int, int, int]:
    flags = FLAG_QUALIFYING if event.qualifying else 0
    code, extra = -1, 0
    if event.type is EventType.ACTIVITY:
        code = plan.codes("activities").get(event.activity, -1)
    elif event.type is EventType.ATTRIBUTE_SET:
        code = plan.codes("attributes").get(event.attribute, -1)
        extra = texts.setdefault(event.value, len(texts))
    elif event.type is EventType.TIER_OVERRIDE:
        code = plan.codes("words").get(event.tier, -1)
        extra = NEVER if event.until is None else event.until
        flags |= (MODE_FIXED if event.mode is None else _MODE_CODES[event.mode]) << MODE_SHIFT
    currencies = plan.codes("currencies")
    currency = currencies.get(event.currency, len(currencies) + 1) if event.currency else 0
    return _TYPE_CODES[event.type], flags, currency, code, extra, held.points, held.amount, held.quantity


def _reversal(
    event: Event, left: dict[str, tuple[Event, Holding, int]]
) -> tuple[int, int, int, int, int, int, int, int]:
    if not event.reverses or event.reverses not in left:
        raise UnacceptableReversalError(f"it reverses an unknown event {event.reverses!r}")
    source, rest, position = left[event.reverses]
    share = share_of(source, rest, event)
    left[event.reverses] = (source, rest.less(share), position)
    flags = FLAG_WHOLE if share.whole else 0
    return _TYPE_CODES[event.type], flags, 0, -1, position, share.points, share.amount, share.quantity
