"""Read how many points members have, and all members together."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.point_totals import PointTotals, point_totals
from ziggurat.store.database import Connection
from ziggurat.store.repositories import history, members
from ziggurat.store.repositories.members import Member

_BATCH = 1_000


def read_points(context: Context, member: str) -> PointTotals:
    """The points of a member, of one who was merged those of the survivor.

    Raises:
        NotFoundError: no such member.
    """
    with context.database.reading() as connection:
        _, standing = find_standing(connection, context, member)
        return points_of(connection, context, standing)


def points_of(connection: Connection, context: Context, member: Member) -> PointTotals:
    """The same within a transaction that is already there."""
    histories = history.load(connection, context.scope, [member.id])
    return point_totals(histories.events(member.id), context.now)


def sum_points(context: Context) -> PointTotals | None:
    """The points of all members, None where they are too many to be added up while somebody waits."""
    total = PointTotals()
    with context.database.reading() as connection:
        ids = members.ids_page(connection, context.scope, limit=limits.MEMBERS_AT_ONCE_MAX + 1)
        if len(ids) > limits.MEMBERS_AT_ONCE_MAX:
            return None
        for start in range(0, len(ids), _BATCH):
            histories = history.load(connection, context.scope, ids[start : start + _BATCH])
            for member_id in histories.member_ids:
                total = total.plus(point_totals(histories.events(member_id), context.now))
    return total
