"""Bring what is stored of members up to date: what every use case ends with that changes what is known of them.

It happens inside the use case's own transaction with the members locked; so states and timelines are always those of
the rules, whatever the order in which things became known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.follow_members import follow_members, hold_upkeep
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.events.stage_members import stage_members, tell_staged
from ziggurat.app.events.tell_scores import tell_scores
from ziggurat.app.events.work_out_members import Settled, evaluate_for, write_outcome
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import states
from ziggurat.store.repositories.members import Member


def settle_members(
    connection: Connection,
    context: Context,
    programs: Sequence[LoadedProgram],
    members: Mapping[int, Member],
    histories: Histories,
    *,
    announce: bool = True,
) -> list[Settled]:
    """Bring what is stored of `members` up to date in every program; they must be locked and stand for themselves.

    Without `announce` nobody is told: for what changes how things are kept, not what happened.

    Where there are audiences, their rules ask stored states for values, so those follow every event. Elsewhere nobody
    does, and a state of which nothing else changed is left as it is.
    """
    upkeep = hold_upkeep(connection, context, members, histories)
    before = states.of_members(connection, context.scope, histories.member_ids)
    names = {member.id: member.external_id for member in members.values()}
    settled = []
    for program in programs:
        known = {member: state for (member, number), state in before.items() if number == program.id}
        tell_staged(connection, context, program, histories.member_ids)
        told, outcome = evaluate_for(connection, context, program, program.published, members, histories, known)
        with_values = upkeep is not None
        write_outcome(connection, context, program, outcome, names, announce=announce, with_values=with_values)
        if program.row.staging is not None:  # an activation is on its way, and counts on everybody being up to date
            fresh = {state.member_id: state for state in outcome.everybody}
            stage_members(connection, context, program, members, histories, fresh)
        settled.append(told)
    if upkeep is not None:
        follow_members(connection, context, upkeep, members, histories)
    tell_scores(connection, context, programs, members, histories.member_ids)
    return settled


def refresh_values(
    connection: Connection,
    context: Context,
    programs: Sequence[LoadedProgram],
    members: Mapping[int, Member],
    histories: Histories,
) -> None:
    """Bring the values in the members' stored states up to date; what time has brought meanwhile waits for its turn."""
    before = states.of_members(connection, context.scope, histories.member_ids)
    for program in programs:
        known = {member: state for (member, number), state in before.items() if number == program.id}
        _, outcome = evaluate_for(connection, context, program, program.published, members, histories, known)
        states.refresh(connection, context.scope, outcome.same, generation=program.row.generation)
