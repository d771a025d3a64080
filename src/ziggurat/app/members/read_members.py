"""Read many members at once: where each stands in one program, and her points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import evaluate_members
from ziggurat.app.events.load_programs import LoadedProgram, load_programs
from ziggurat.app.events.point_totals import PointTotals, point_totals
from ziggurat.app.events.update_attributes import attributes_of
from ziggurat.app.members.read_member import enrolled_at, standing_view
from ziggurat.app.members.views import MemberView, StandingView
from ziggurat.program.model import Enrolment
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import history, members
from ziggurat.store.repositories.members import Member


def read_members(
    context: Context, names: Sequence[str], *, program: str | None = None
) -> tuple[tuple[MemberView, PointTotals], ...]:
    """Those of `names` that are members, in the order asked, evaluated now; without overrides and outlook.

    `program` is the public id of the one program wanted, None for no standings at all. Of a merged member it tells
    where the one stands into whom she was merged.
    """
    wanted = list(dict.fromkeys(names))
    with context.database.reading() as connection:
        asked = members.by_external_ids(connection, context.scope, wanted)
        into = {member.merged_into for member in asked.values() if member.merged_into is not None}
        survivors = members.by_ids(connection, context.scope, into)
        standing = {name: survivors.get(member.merged_into or 0, member) for name, member in asked.items()}
        numbers = sorted({member.id for member in standing.values()})
        histories = history.load(connection, context.scope, numbers)
        standings = _standings(connection, context, program, standing, histories)
    return tuple(
        (
            _view(asked[name], standing[name], histories, standings, context.now),
            _points(histories, standing[name], context),
        )
        for name in wanted
        if name in asked
    )


def _view(
    asked: Member, standing: Member, histories: Histories, standings: Mapping[int, StandingView], now: int
) -> MemberView:
    found = standings.get(standing.id)
    return MemberView(
        id=asked.external_id,
        enrolled_at=enrolled_at(standing, histories),
        attributes=attributes_of(histories, standing.id, now),
        created_at=asked.created_at,
        merged_into=None if standing is asked else standing.external_id,
        programs=() if found is None else (found,),
        erased_at=asked.erased_at,
    )


def _points(histories: Histories, member: Member, context: Context) -> PointTotals:
    return point_totals(histories.events(member.id), context.now)


def _standings(
    connection: Connection,
    context: Context,
    program: str | None,
    standing: Mapping[str, Member],
    histories: Histories,
) -> dict[int, StandingView]:
    loaded = None
    if program is not None:
        loaded = next((one for one in load_programs(connection, context) if one.row.public_id == program), None)
    if loaded is None or not loaded.published or not histories.member_ids:
        return {}
    by_number = {member.id: member for member in standing.values()}
    evaluations = evaluate_members(loaded.published, loaded.own(histories), context.now)
    told = {}
    for index, number in enumerate(histories.member_ids):
        state = evaluations.state(index) if _takes_part(loaded, by_number[number]) else None
        revision = loaded.published[state.revision] if state else loaded.in_force(context.now)
        told[number] = standing_view(loaded, revision, state)
    return told


def _takes_part(program: LoadedProgram, member: Member) -> bool:
    return program.published[-1].program.enrolment is Enrolment.ON_FIRST_EVENT or member.enrolled_at is not None
