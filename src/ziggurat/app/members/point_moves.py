"""What moved members' points, event by event, with the balance after each: what statements of accounts show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_member
from ziggurat.app.members.ledger_of import ledger_of
from ziggurat.program.events import Event, EventType
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of
from ziggurat.store.database import Connection
from ziggurat.store.event_rows import LedgerEvent
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import members

SIGNS = {
    EventType.POINTS_EARNED: 1,
    EventType.ORDER_PLACED: 1,
    EventType.POINTS_ADJUSTED: 1,
    EventType.POINTS_RETURNED: 1,
    EventType.POINTS_SPENT: -1,
    EventType.POINTS_EXPIRED: -1,
}
"""What moves points, and whether it adds them or takes them away."""


@dataclass(frozen=True, slots=True)
class PointMove:
    """One event that moved points.

    `kind` is the type of what moved them, of a reversal that of what it undoes; `moved` and `balance` (after it) are in
    ten-thousandths. `member_number` and `sequence` name the event for ever, whatever ids the organization gave.
    """

    member_number: int
    sequence: int
    recorded_at: int
    event: Event
    kind: EventType
    moved: int
    balance: int

    @property
    def is_reversal(self) -> bool:
        """Whether it undoes another."""
        return self.event.type is EventType.REVERSAL


def list_point_moves(context: Context, member: str) -> tuple[PointMove, ...]:
    """What moved the points of a member (and of those merged into her) by now, oldest first.

    Raises:
        NotFoundError: no such member.
    """
    with context.database.reading() as connection:
        return _of(connection, context, member)


def find_point_move(context: Context, *, event_id: str = "", place: tuple[int, int] | None = None) -> PointMove | None:
    """The move that an event is, by the event's id, or by its place: (`member_number`, `sequence`)."""
    with context.database.reading() as connection:
        known = ledger.known(connection, context.scope, [event_id]) if event_id else {}
        if event_id in known:
            place = known[event_id].member_id, known[event_id].sequence
        if place is None:
            return None
        number, sequence = place
        held = members.names(connection, context.scope, [number]).get(number)
        if held is None:
            return None
        return next((move for move in _of(connection, context, held) if move.sequence == sequence), None)


def every_point_move(context: Context, *, events_max: int) -> tuple[PointMove, ...] | None:
    """What moved anybody's points by now; None if the ledger has more than `events_max` events."""
    with context.database.reading() as connection:
        rows = list(islice(ledger.everything(connection, context.scope), events_max + 1))
        held = members.by_ids(connection, context.scope, {row.member_id for row in rows})
    owner_of = {number: member.merged_into or number for number, member in held.items()}
    if len(rows) > events_max:
        return None
    owners: dict[int, list[LedgerEvent]] = {}
    for row in rows:
        owners.setdefault(owner_of.get(row.member_id, row.member_id), []).append(row)
    in_order = (sorted(group, key=lambda row: (row.event.occurred_at, row.sequence)) for group in owners.values())
    return tuple(move for group in in_order for move in point_moves(group, context.now))


def _of(connection: Connection, context: Context, member: str) -> tuple[PointMove, ...]:
    found = find_member(connection, context, member)
    return tuple(point_moves(ledger_of(connection, context, found), context.now))


def point_moves(rows: Sequence[LedgerEvent], now: int) -> Iterable[PointMove]:
    """The moves that `rows`, one person's ledger in order, are by `now`."""
    balance = 0
    left: dict[int, tuple[Event, Holding]] = {}
    for row in rows:
        if row.event.occurred_at > now:
            break
        kind, moved = _moved(row, left)
        if kind is None:
            continue
        balance += moved
        yield PointMove(row.member_id, row.sequence, row.recorded_at, row.event, kind, moved, balance)


def _moved(row: LedgerEvent, left: dict[int, tuple[Event, Holding]]) -> tuple[EventType | None, int]:
    event = row.event
    if event.type is EventType.REVERSAL:
        return _undone(row, left)
    left[row.sequence] = event, holding_of(event)
    if event.type not in SIGNS or event.points is None:
        return None, 0
    return event.type, SIGNS[event.type] * event.points


def _undone(row: LedgerEvent, left: dict[int, tuple[Event, Holding]]) -> tuple[EventType | None, int]:
    known = left.get(row.reverses_sequence or 0)
    if known is None:
        return None, 0
    original, rest = known
    try:
        share = share_of(original, rest, replace(row.event, member=original.member))
    except UnacceptableReversalError:
        return None, 0  # the ledger took it when more was left; it undoes nothing now
    left[row.reverses_sequence or 0] = original, rest.less(share)
    if original.type not in SIGNS or not share.points:
        return None, 0
    return original.type, -SIGNS[original.type] * share.points
