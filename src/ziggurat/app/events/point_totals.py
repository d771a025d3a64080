"""A member's points as accounts show them: what came in and went out, over the whole history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ziggurat.program.events import Event, EventType
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of

_SIDE = {
    EventType.POINTS_EARNED: "earned",
    EventType.ORDER_PLACED: "earned",
    EventType.POINTS_ADJUSTED: "adjusted",
    EventType.POINTS_SPENT: "spent",
    EventType.POINTS_RETURNED: "returned",
    EventType.POINTS_EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True)
class PointTotals:
    """Sums in ten-thousandths, reversals taken out; `events` is how many, `last_at` when the last occurred.

    `taken_back` is how much of what was earned reversals have taken out of `earned`.
    """

    earned: int = 0
    adjusted: int = 0
    spent: int = 0
    returned: int = 0
    expired: int = 0
    events: int = 0
    last_at: int | None = None
    taken_back: int = field(default=0, compare=False)

    @property
    def balance(self) -> int:
        """What is there to be spent."""
        return self.earned + self.adjusted + self.returned - self.spent - self.expired

    def plus(self, other: PointTotals) -> PointTotals:
        """Both together."""
        return PointTotals(
            self.earned + other.earned,
            self.adjusted + other.adjusted,
            self.spent + other.spent,
            self.returned + other.returned,
            self.expired + other.expired,
            self.events + other.events,
            max((at for at in (self.last_at, other.last_at) if at is not None), default=None),
            self.taken_back + other.taken_back,
        )


@dataclass(slots=True)
class _Sums:
    sums: dict[str, int] = field(default_factory=dict)
    left: dict[str, tuple[Event, Holding]] = field(default_factory=dict)

    def add(self, event: Event, points: int) -> None:
        if side := _SIDE.get(event.type):
            self.sums[side] = self.sums.get(side, 0) + points

    def take(self, event: Event) -> None:
        if event.type is EventType.REVERSAL:
            self.undo(event)
            return
        self.add(event, event.points or 0)
        self.left[event.id] = (event, holding_of(event))

    def undo(self, reversal: Event) -> None:
        if reversal.reverses not in self.left:
            return
        original, left = self.left[reversal.reverses]
        try:
            share = share_of(original, left, replace(reversal, member=original.member))
        except UnacceptableReversalError:
            return  # the ledger took it when more was left; it undoes nothing now
        self.left[reversal.reverses] = (original, left.less(share))
        self.add(original, -share.points)
        if _SIDE.get(original.type) == "earned":
            self.sums["taken_back"] = self.sums.get("taken_back", 0) + share.points


def point_totals(events: Iterable[Event], now: int) -> PointTotals:
    """The totals of one member's `events`, in order, as far as they have occurred by `now`."""
    sums = _Sums()
    count, last_at = 0, None
    for event in events:
        if event.occurred_at > now:
            break
        sums.take(event)
        count, last_at = count + 1, event.occurred_at
    return PointTotals(**sums.sums, events=count, last_at=last_at)
