"""Read a member: where she stands now, at an earlier instant, or later if nothing more happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ziggurat.app.context import Context
from ziggurat.app.evaluation import evaluate_one
from ziggurat.app.find_member import find_standing
from ziggurat.app.forecast import opportunities_of, risks_of
from ziggurat.app.ledger_of import ledger_of
from ziggurat.app.load_programs import LoadedProgram, load_programs
from ziggurat.app.overrides_of import current_override, overrides_of
from ziggurat.app.update_attributes import attributes_of
from ziggurat.app.views import MemberView, OverrideView, StandingView
from ziggurat.engine.timeline import State
from ziggurat.program.events import EventType
from ziggurat.program.model import Enrolment, Revision
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.histories import Histories
from ziggurat.store.packing import TYPE_CODES
from ziggurat.store.repositories import history
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
    programs = load_programs(connection, context)
    if program is not None:
        programs = [each for each in programs if each.row.public_id == program]
        if not programs:
            raise NotFoundError("program", program)
    histories = history.load(connection, context.scope, [standing.id])
    overrides = _overrides(connection, context, standing, histories, programs, instant)
    told = [_standing(context, each, standing, histories, instant, overrides, outlook=outlook) for each in programs]
    return MemberView(
        id=asked.external_id,
        enrolled_at=enrolled_at(standing, histories),
        attributes=attributes_of(histories, standing.id, instant),
        created_at=asked.created_at,
        merged_into=standing.external_id if standing is not asked else None,
        programs=tuple(each for each in told if each is not None),
        erased_at=asked.erased_at,
    )


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
    state = evaluate_one(revisions, own, member.id, as_of).state
    revision = revisions[state.revision] if state else program.in_force(as_of)
    override = current_override(overrides, program.row.public_id)
    view = standing_view(program, revision, state, override=override)
    if state is None or not outlook or revision is None:
        return view
    return _with_outlook(view, program.revisions, revision, own, member.id, state, as_of)


def _with_outlook(
    view: StandingView,
    revisions: Sequence[Revision],
    revision: Revision,
    histories: Histories,
    member_id: int,
    state: State,
    as_of: int,
) -> StandingView:
    return replace(
        view,
        risks=risks_of(revisions, histories, member_id, as_of),
        opportunities=opportunities_of(revision.program, histories, member_id, state, as_of),
    )


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
