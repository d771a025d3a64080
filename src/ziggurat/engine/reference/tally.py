"""The value of one measure over one window: as it stands, as a period ended, and as it was judged earlier."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Self

from ziggurat.engine.reference.spans import PERIODIC
from ziggurat.program.calendar import NEVER, Microseconds
from ziggurat.program.model import Measure, MeasureKind, SinceTierEntry, Window


@dataclass(frozen=True, slots=True)
class Judgement:
    """How values are read at a decision.

    Args:
        at: the instant; everything counts that is known by then and has not left its window.
        ended_since: a periodic window whose current period began at or after this is read as the period before ended.
        position: the last event taken.
        entry: the last event before the current tier counts (-1: none).
    """

    at: Microseconds
    ended_since: Microseconds
    position: int
    entry: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A contribution that counts until `until`; an attribute's new value counts until the next.

    `origin` is the position of its event; a reversed share has the origin and the end of the event it reverses.
    """

    until: Microseconds
    origin: int
    amount: int
    orders: int


@dataclass(slots=True)
class Tally:
    """The entries of one measure over one window, in the order in which they became known."""

    measure: Measure
    window: Window
    entries: list[Entry] = field(default_factory=list)

    def enter(self, entry: Entry) -> None:
        """Take note of a contribution that became known now."""
        self.entries.append(entry)

    def copy(self) -> Self:
        """A tally of its own with the same entries."""
        return replace(self, entries=list(self.entries))

    def value(self, judged: Judgement, period_start: Microseconds) -> Fraction | int:
        """The value as `judged`, in ten-thousandths; `period_start` is where the window's period at that instant began.

        Asked of an earlier judgement, the answer is what that judgement would have read had the shares reversed since
        never been there: a reversed share has the origin of its event.
        """
        if self.measure.kind is MeasureKind.ATTRIBUTE:
            return next((entry.amount for entry in reversed(self.entries) if entry.origin <= judged.position), 0)
        amount, orders = self.total(judged, period_start)
        if self.measure.kind is MeasureKind.AVERAGE_ORDER_VALUE:
            return Fraction(amount, orders) if orders > 0 else 0
        return amount

    def total(self, judged: Judgement, period_start: Microseconds) -> tuple[int, int]:
        """The amounts that count as `judged`, and the orders, added up."""
        ended = isinstance(self.window, PERIODIC) and period_start >= judged.ended_since
        after = judged.entry if isinstance(self.window, SinceTierEntry) else -1
        counted = [
            entry
            for entry in self.entries
            if after < entry.origin <= judged.position
            and (entry.until == period_start if ended else entry.until > judged.at)
        ]
        return sum(entry.amount for entry in counted), sum(entry.orders for entry in counted)

    def next_leave(self, at: Microseconds) -> Microseconds:
        """The next instant after `at` at which an entry leaves; NEVER if none does."""
        return min((entry.until for entry in self.entries if entry.until > at), default=NEVER)
