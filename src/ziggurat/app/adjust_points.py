"""Adjust a member's points by an amount, or to a balance."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, RefusedEventError
from ziggurat.app.find_member import lock_member
from ziggurat.app.ingest_events import ingest
from ziggurat.app.point_totals import PointTotals
from ziggurat.app.read_points import points_of
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError


def adjust_points(
    context: Context,
    member: str,
    *,
    id: str,
    amount: int | None = None,
    balance: int | None = None,
    expected_events: int | None = None,
    reason: str = "",
) -> PointTotals:
    """The points after an adjustment at the context's now, reckoned and written with the member held.

    Args:
        context: who adjusts.
        member: whose points.
        id: of the event that is written.
        amount: by how much, in ten-thousandths; signed.
        balance: the balance that is wanted instead.
        expected_events: how many events the member has as last seen, None to go ahead whatever there is.
        reason: why.

    Raises:
        NotFoundError: no such member.
        MemberMergedError: the member was merged into another.
        StaleVersionError: the member has other events than `expected_events`.
        InvalidRequestError: the balance would be negative.
        RefusedEventError: the ledger does not take it.
    """

    def work(connection: Connection) -> PointTotals:
        found = lock_member(connection, context, member)
        before = points_of(connection, context, found)
        if expected_events is not None and before.events != expected_events:
            raise StaleVersionError("member", member, expected_events)
        by = amount or 0 if balance is None else balance - before.balance
        if before.balance + by < 0:
            raise InvalidRequestError("amount", "would make the balance negative")
        event = Event(member, EventType.POINTS_ADJUSTED, context.now, id=id, points=by, reason=reason)
        (outcome,) = ingest(connection, context, [event])
        if outcome.result != "accepted":
            raise RefusedEventError(outcome.code, outcome.reason)
        return points_of(connection, context, found)

    return context.database.write(work)
