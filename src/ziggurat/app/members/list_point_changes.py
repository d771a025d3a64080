"""What came onto a member's balance and went off it, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ziggurat.app.audiences.find_profiles import MemberRef, resolve_members
from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.program.events import Event, EventType
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import history, members

_DEBITS = (EventType.POINTS_SPENT, EventType.POINTS_EXPIRED)
_CREDITS = (
    EventType.POINTS_EARNED,
    EventType.POINTS_ADJUSTED,
    EventType.POINTS_RETURNED,
    EventType.ORDER_PLACED,
)


@dataclass(frozen=True, slots=True)
class PointChange:
    """A change of the balance by `points` (signed, ten-thousandths); `sequence` is the event's order of arrival.

    `undone` is what a reversal undid.
    """

    sequence: int
    type: EventType
    points: int
    at: int
    reason: str
    undone: EventType | None = None


def list_point_changes(
    context: Context, member: MemberRef, *, after: Position | None = None, limit: int
) -> Page[PointChange]:
    """The changes of the member's balance up to now, newest first; of one who was merged those of the survivor.

    Raises:
        NotFoundError: no such member.
    """
    with context.database.reading() as connection:
        found = resolve_members(connection, context, [member])
        if member not in found:
            raise NotFoundError(members.KIND, str(member))
        number = found[member].id
        histories = history.load(connection, context.scope, [number])
    events = [event for event in histories.events(number) if event.occurred_at <= context.now]
    changes = list(point_changes(events))[::-1]
    start = 0
    if after is not None:
        seen = (int(after[0] or 0), int(after[1] or 0))
        start = next((place for place, each in enumerate(changes) if (each.at, each.sequence) < seen), len(changes))
    shown = changes[start : start + limit]
    is_more = start + limit < len(changes)
    return Page(tuple(shown), (shown[-1].at, shown[-1].sequence) if is_more else None)


def point_changes(events: Sequence[Event]) -> Iterator[PointChange]:
    """The changes that one member's `events` make, in order; ids are sequences as text, as histories have them."""
    left: dict[str, tuple[Event, Holding]] = {}
    for event in events:
        undone = None
        if event.type is EventType.REVERSAL:
            if event.reverses not in left:
                continue
            original, holding = left[event.reverses]
            try:
                share = share_of(original, holding, replace(event, member=original.member))
            except UnacceptableReversalError:
                continue  # the ledger took it when more was left; it undoes nothing now
            left[event.reverses] = (original, holding.less(share))
            undone, points = original.type, -_signed(original.type, share.points)
        else:
            left[event.id] = (event, holding_of(event))
            points = _signed(event.type, event.points or 0)
        if points:
            yield PointChange(int(event.id), event.type, points, event.occurred_at, event.reason, undone)


def _signed(type_: EventType, points: int) -> int:
    if type_ in _DEBITS:
        return -points
    return points if type_ in _CREDITS else 0
