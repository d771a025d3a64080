"""What an activation works out before anybody sees it: new states and moves, of a generation that is not shown yet.

Whoever settles a member meanwhile stages her, too; so what is staged is up to date at any moment, and showing all of it
takes one number of the program's row. Messages follow: a member is told of the activation before anything later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import announce_moves
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.events.work_out_members import evaluate_for
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import members as people
from ziggurat.store.repositories import states, transitions
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.states import MemberState


def stage_members(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    members: Mapping[int, Member],
    histories: Histories,
    known: Mapping[int, MemberState],
) -> None:
    """Write what all revisions make of `members` as the generation that is being staged.

    They must be locked and stand for themselves; `known` is what is stored of them and shown.
    """
    generation = program.row.staging
    assert generation is not None, "an activation is on its way"
    scope = context.scope
    outcome = evaluate_for(connection, context, program, program.revisions, members, histories, known)[1]
    unstage_members(connection, context, program, histories.member_ids)
    states.save(connection, scope, outcome.everybody, generation=generation)
    gone = [row for rows in outcome.superseded.values() for row in rows]
    transitions.supersede_all(connection, scope, gone, context.now, generation=generation)
    transitions.add(connection, scope, outcome.added, generation=generation)
    moved = {row.member_id for row in outcome.added} | outcome.superseded.keys()
    transitions.keep_to_tell(connection, scope, program.id, generation, sorted(moved))


def unstage_members(
    connection: Connection, context: Context, program: LoadedProgram, member_ids: Collection[int]
) -> None:
    """Forget what was staged for those members, if anything is being staged."""
    if program.row.staging is not None:
        discard_generation(connection, context, program, program.row.staging, member_ids)


def discard_generation(
    connection: Connection, context: Context, program: LoadedProgram, generation: int, member_ids: Collection[int]
) -> None:
    """Forget what a generation that is not shown, and never will be as it is, says of those members."""
    states.clear(connection, context.scope, program.id, generation, member_ids)
    transitions.clear(connection, context.scope, program.id, generation, member_ids)


def tell_staged(connection: Connection, context: Context, program: LoadedProgram, member_ids: Collection[int]) -> None:
    """Tell of the moves that an activation made, of those members whose moves nobody has been told of yet.

    They must be locked, and nothing has been written of them since the activation was shown.
    """
    generation = program.row.telling
    if generation is None:
        return
    scope = context.scope
    ids = transitions.to_tell(connection, scope, program.id, generation, among_members=member_ids)
    if ids:
        added, superseded = transitions.of_generation(connection, scope, program.id, generation, ids)
        names = {number: member.external_id for number, member in people.by_ids(connection, scope, ids).items()}
        announce_moves(connection, context, program, added, superseded, names)
        transitions.told(connection, scope, program.id, generation, ids)
