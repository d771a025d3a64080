"""The reference's tally kept as running sums: the same answers, without adding everything up at every decision.

Only explanations of long histories use it. What asks about the past is left to the definition.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Self

from ziggurat.engine.reference.spans import PERIODIC
from ziggurat.engine.reference.tally import Entry, Judgement, Tally
from ziggurat.program.calendar import BEGINNING, NEVER, Microseconds
from ziggurat.program.model import SinceTierEntry


@dataclass(slots=True)
class RunningTally(Tally):
    """A `Tally` whose sums stand ready.

    Args:
        sums: amounts and orders by the instant until which they count.
        leaving: the instants later than `swept` of them, a heap.
        swept: the latest instant asked about; what left by then is gone from `now`.
        now: the amounts and orders that count later than `swept`.
        entered: those of events after the one at position `entry`.
        latest: the highest position of an event in the tally.
    """

    sums: dict[Microseconds, tuple[int, int]] = field(default_factory=dict)
    leaving: list[Microseconds] = field(default_factory=list)
    swept: Microseconds = BEGINNING
    now: tuple[int, int] = (0, 0)
    entered: tuple[int, int] = (0, 0)
    entry: int = -1
    latest: int = -1

    def enter(self, entry: Entry) -> None:
        """Take note of a contribution that became known now."""
        self.entries.append(entry)
        self.latest = max(self.latest, entry.origin)
        change = entry.amount, entry.orders
        if entry.origin > self.entry:
            self.entered = _plus(self.entered, change)
        if entry.until > self.swept:
            self.now = _plus(self.now, change)
            if entry.until not in self.sums:
                heappush(self.leaving, entry.until)
        self.sums[entry.until] = _plus(self.sums.get(entry.until, (0, 0)), change)

    def copy(self) -> Self:
        """A tally of its own with the same entries."""
        return replace(self, entries=list(self.entries), sums=dict(self.sums), leaving=list(self.leaving))

    def total(self, judged: Judgement, period_start: Microseconds) -> tuple[int, int]:
        """The amounts that count as `judged`, and the orders, added up."""
        if judged.position < self.latest or judged.at < self.swept:
            return Tally.total(self, judged, period_start)
        if isinstance(self.window, SinceTierEntry):
            if judged.entry != self.entry:
                self.entered, self.entry = Tally.total(self, judged, period_start), judged.entry
            return self.entered
        if isinstance(self.window, PERIODIC) and period_start >= judged.ended_since:
            return self.sums.get(period_start, (0, 0))
        self._sweep(judged.at)
        return self.now

    def next_leave(self, at: Microseconds) -> Microseconds:
        """The next instant after `at` at which an entry leaves; NEVER if none does."""
        if at < self.swept:
            return Tally.next_leave(self, at)
        self._sweep(at)
        return self.leaving[0] if self.leaving else NEVER

    def _sweep(self, at: Microseconds) -> None:
        while self.leaving and self.leaving[0] <= at:
            amount, orders = self.sums[heappop(self.leaving)]
            self.now = self.now[0] - amount, self.now[1] - orders
        self.swept = max(self.swept, at)


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
