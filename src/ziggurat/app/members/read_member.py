"""Read a member: where she stands now, at an earlier instant, or later if nothing more happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import OneMember
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.load_programs import LoadedProgram, load_at, load_known, load_programs
from ziggurat.app.events.update_attributes import attributes_of
from ziggurat.app.members.forecast import opportunities_of, risks_of
from ziggurat.app.members.ledger_of import ledger_of
from ziggurat.app.members.overrides_of import current_override, overrides_of
from ziggurat.app.members.views import MemberView, OverrideView, RiskView, StandingView
from ziggurat.engine.timeline import State
from ziggurat.program.events import EventType
from ziggurat.program.model import Enrolment, Revision
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.histories import Histories
from ziggurat.store.packing import TYPE_CODES
from ziggurat.store.repositories import history
from ziggurat.store.repositories.glances import glance
from ziggurat.store.repositories.members import Member

_OVERRIDE = TYPE_CODES[EventType.TIER_OVERRIDE]


def read_member(
    context: Context, member: str, *, as_of: int | None = None, program: str | None = None, outlook: bool = True
) -> MemberView:
    """Where the member stands in every program, or in the one named.

    Whatever the worker is behind with counts already: this evaluates. Of a merged member it tells where the one stands
    into whom she was merged.

    Args:
        context: who asks.
        member: the organization's name for her.
        as_of: UTC microseconds, None for now; a future instant supposes that nothing more happens.
        program: public id, None for all.
        outlook: whether risks and opportunities are wanted.

    Raises:
        NotFoundError: no such member or program.
    """
    view = _at_a_glance(context, member, as_of=as_of, program=program, outlook=outlook)
    if view is not None:
        return view
    with context.database.reading() as connection:
        return member_view(connection, context, member, as_of=as_of, program=program, outlook=outlook)


def member_view(
    connection: Connection,
    context: Context,
    member: str,
    *,
    as_of: int | None = None,
    program: str | None = None,
    outlook: bool = True,
) -> MemberView:
    """The same within a transaction that is already there."""
    instant = context.now if as_of is None else as_of
    asked, standing = find_standing(connection, context, member)
    programs = _named(load_programs(connection, context), program)
    histories = history.load(connection, context.scope, [standing.id])
    overrides = _overrides(connection, context, standing, histories, programs, instant)
    return _view(context, asked, standing, programs, histories, overrides, as_of, None, outlook=outlook)


def _at_a_glance(
    context: Context, member: str, *, as_of: int | None, program: str | None, outlook: bool
) -> MemberView | None:
    """The same by one statement, where one is enough: None for who was merged, absorbed others or has overrides."""
    seen = glance(context.database, context.scope, member)
    if seen is None or seen.member.merged_into is not None or seen.member.absorbed:
        return None
    if np.any(seen.histories.type == _OVERRIDE):
        return None
    programs = load_known(context, seen.programs_version)
    if programs is None:
        programs = load_at(context, seen.programs_version)
    return _view(context, seen.member, seen.member, programs, seen.histories, (), as_of, program, outlook=outlook)


def _view(  # noqa: PLR0913 - everything that a view is made of
    context: Context,
    asked: Member,
    standing: Member,
    programs: Sequence[LoadedProgram],
    histories: Histories,
    overrides: Sequence[OverrideView],
    as_of: int | None,
    program: str | None,
    *,
    outlook: bool,
) -> MemberView:
    instant = context.now if as_of is None else as_of
    told = [
        _standing(context, each, standing, histories, instant, overrides, outlook=outlook)
        for each in _named(programs, program)
    ]
    return MemberView(
        id=asked.external_id,
        enrolled_at=enrolled_at(standing, histories),
        attributes=attributes_of(histories, standing.id, instant),
        created_at=asked.created_at,
        merged_into=standing.external_id if standing is not asked else None,
        programs=tuple(each for each in told if each is not None),
        erased_at=asked.erased_at,
    )


def _named(programs: Sequence[LoadedProgram], program: str | None) -> Sequence[LoadedProgram]:
    if program is None:
        return programs
    found = [each for each in programs if each.row.public_id == program]
    if not found:
        raise NotFoundError("program", program)
    return found


def enrolled_at(member: Member, histories: Histories) -> int | None:
    """When the member was enrolled: as said, or else by the first event."""
    instants = histories.occurred_at[histories.span(member.id)]
    first = int(instants[0]) if len(instants) else None
    return first if member.enrolled_at is None else member.enrolled_at


def standing_view(
    program: LoadedProgram,
    revision: Revision | None,
    state: State | None,
    *,
    override: OverrideView | None = None,
) -> StandingView:
    """What is shown of a state, None being that of somebody to whom nothing has happened."""
    shown = revision.program if revision else (program.newest.program if program.newest else None)
    ladder = shown.ladder if shown else ()
    on_ladder = state is not None and 0 <= state.index < len(ladder)
    first = next((tier.name for tier in ladder), "")
    return StandingView(
        program=program.row.public_id,
        program_name=shown.name if shown else program.row.name,
        status=revision.status if revision else program.row.status,
        tier=state.tier if state else "",
        tier_id=ladder[state.index].key if state and on_ladder else "",
        since=state.since if state and state.tier else None,
        expires_at=state.expires_at if state else None,
        grace_until=state.grace_until if state else None,
        value=state.value if state else 0,
        measure=str(shown.qualification.measure) if shown else "",
        next_tier=state.next_tier if state else first,
        missing=state.missing if state else None,
        next_decision_at=state.next_decision_at if state else None,
        revision=revision.number if revision else 0,
        override=override,
    )


def _standing(
    context: Context,
    program: LoadedProgram,
    member: Member,
    histories: Histories,
    as_of: int,
    overrides: Sequence[OverrideView],
    *,
    outlook: bool,
) -> StandingView | None:
    revisions = program.known_by(as_of, context.now)
    if not revisions:
        return None
    if revisions[-1].program.enrolment is Enrolment.EXPLICIT and member.enrolled_at is None:
        return standing_view(program, program.in_force(as_of), None)
    own = program.own(histories)
    evaluated = OneMember(revisions, own, member.id, as_of)
    state = evaluated.state(as_of)
    revision = revisions[state.revision] if state else program.in_force(as_of)
    override = current_override(overrides, program.row.public_id)
    view = standing_view(program, revision, state, override=override)
    if state is None or not outlook or revision is None:
        return view
    return replace(
        view,
        risks=_risks(program, revisions, evaluated, own, member.id, as_of),
        opportunities=opportunities_of(revision.program, own, member.id, state, as_of),
    )


def _risks(
    program: LoadedProgram,
    revisions: Sequence[Revision],
    evaluated: OneMember,
    histories: Histories,
    member_id: int,
    as_of: int,
) -> tuple[RiskView, ...]:
    """What is ahead, by all revisions: also by those that are scheduled."""
    if len(revisions) < len(program.revisions):
        revisions, evaluated = program.revisions, OneMember(program.revisions, histories, member_id, as_of)
    return risks_of(revisions, evaluated, as_of)


def _overrides(
    connection: Connection,
    context: Context,
    member: Member,
    histories: Histories,
    programs: Sequence[LoadedProgram],
    as_of: int,
) -> list[OverrideView]:
    """The member's overrides; the ledger is only asked where the packed history has any."""
    if not np.any(histories.type == _OVERRIDE):
        return []
    rows = ledger_of(connection, context, member)
    return overrides_of([row.event for row in rows], programs, as_of)
