"""Read a member's moves, those to come and those that are no longer true included if asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.evaluate_members import evaluate_members
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.load_programs import LoadedProgram, load_programs
from ziggurat.app.events.work_out_members import move_rows
from ziggurat.app.members.timeline_views import event_ids, transition_views
from ziggurat.app.members.views import TransitionView
from ziggurat.app.pages import Page, Position
from ziggurat.program.model import Enrolment
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import history, transitions
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.transitions import TransitionRow


def read_timeline(
    context: Context,
    member: str,
    *,
    program: str | None = None,
    as_of: int | None = None,
    superseded: bool = False,
    after: Position | None = None,
    limit: int,
) -> Page[TransitionView]:
    """The member's moves up to and at `as_of`, program by program, each in order.

    Args:
        context: who asks.
        member: the organization's name for her; of a merged member it is the survivor's timeline.
        program: public id, None for all.
        as_of: UTC microseconds, None for now.
        superseded: whether moves are wanted that were told once and are no longer true.
        after: the `next` of the page before.
        limit: moves on a page.

    Raises:
        NotFoundError: no such member or program.
    """
    start = int(after[0] or 0) if after else 0
    instant = context.now if as_of is None else as_of
    with context.database.reading() as connection:
        _, standing = find_standing(connection, context, member)
        programs = [
            each for each in load_programs(connection, context) if program is None or each.row.public_id == program
        ]
        if program is not None and not programs:
            raise NotFoundError("program", program)
        histories = history.load(connection, context.scope, [standing.id])
        views: list[TransitionView] = []
        for each in programs:
            rows = _moves(context, each, standing, histories, instant)
            views += _told(connection, context, each, standing, rows, superseded=superseded)
    shown = tuple(views[start : start + limit])
    return Page(shown, (start + limit,) if len(views) > start + limit else None)


def _moves(
    context: Context, program: LoadedProgram, member: Member, histories: Histories, as_of: int
) -> list[TransitionRow]:
    revisions = program.known_by(as_of, context.now)
    if not revisions or (revisions[-1].program.enrolment is Enrolment.EXPLICIT and member.enrolled_at is None):
        return []
    moves = evaluate_members(revisions, program.own(histories), as_of).of(0)
    return move_rows(context, program, revisions, member.id, moves, 0, len(moves))


def _told(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    member: Member,
    rows: Sequence[TransitionRow],
    *,
    superseded: bool,
) -> list[TransitionView]:
    """The moves, marked as they were told, and among them those that are no longer true."""
    stored = transitions.of_member(connection, context.scope, member.id, program.id, superseded=superseded)
    corrections = {(row.at, row.position) for row in stored if row.correction and row.superseded_at is None}
    marked = [row._replace(correction=(row.at, row.position) in corrections) for row in rows]
    gone = [row for row in stored if row.superseded_at is not None]
    together = sorted([*marked, *gone], key=lambda row: (row.at, row.superseded_at is None, row.position))
    return transition_views(program, together, event_ids(connection, context, member, together))
