"""Read how far a member is: her points, what she spent, and what is short of each program's tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.load_programs import load_programs
from ziggurat.app.events.point_totals import PointTotals, point_totals
from ziggurat.app.members.ledger_of import ledger_of, own_events
from ziggurat.engine.gaps import Gaps, gaps, lifetime_value
from ziggurat.program.model import Enrolment, Measure, MeasureKind

_LIFETIME, _SPEND = Measure(MeasureKind.POINTS_LIFETIME), Measure(MeasureKind.SPEND)


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far a member is in one program.

    `lifetime_points` and `spend` are what its measures of these names would count over everything, in ten-thousandths,
    whatever the program itself counts. `gaps` holds what is short at each instant asked about, None where nothing has
    happened to her or nobody moves.
    """

    points: PointTotals
    lifetime_points: int
    spend: int
    gaps: Mapping[int, Gaps | None]


def read_progress(context: Context, member: str, *, ahead: Mapping[str, tuple[int, ...]]) -> Mapping[str, ProgressView]:
    """The member's progress in the programs named, by their public ids.

    Args:
        context: who asks; what has happened by now counts.
        member: the organization's name for her; of a merged member it is the survivor's progress.
        ahead: for each program the instants, in UTC microseconds, at which gaps are wanted, now or later.

    Raises:
        NotFoundError: no such member.
    """
    with context.database.reading() as connection:
        _, standing = find_standing(connection, context, member)
        programs = [each for each in load_programs(connection, context) if each.row.public_id in ahead]
        rows = ledger_of(connection, context, standing)
    rows = [row for row in rows if row.event.occurred_at <= context.now]
    points = point_totals((row.event for row in rows), context.now)
    told = {}
    for each in programs:
        revisions = each.known_by(context.now, context.now)
        if not revisions:
            continue
        newest = revisions[-1].program
        events = own_events(rows, standing.external_id, each.row.public_id)
        left_out = newest.enrolment is Enrolment.EXPLICIT and standing.enrolled_at is None
        asked = () if left_out else ahead[each.row.public_id]
        told[each.row.public_id] = ProgressView(
            points=points,
            lifetime_points=lifetime_value(events, _LIFETIME, newest.currency, context.now),
            spend=lifetime_value(events, _SPEND, newest.currency, context.now),
            gaps={at: gaps(each.known_by(at, context.now), events, at) for at in asked},
        )
    return told
