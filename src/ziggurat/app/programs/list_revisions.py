"""List a program's revisions."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.pages import Page, Position
from ziggurat.app.programs.program_views import revision_view
from ziggurat.app.programs.views import RevisionView


def list_revisions(
    context: Context, program: str, *, after: Position | None = None, limit: int = limits.REVISIONS_MAX
) -> Page[RevisionView]:
    """The revisions of a program, oldest first: its history, and what is scheduled.

    Raises:
        NotFoundError: no such program.
    """
    start = int(after[0] or 0) if after else 0
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
    rest = [row for row in loaded.rows if row.number > start]
    shown = tuple(revision_view(loaded, row) for row in rest[:limit])
    return Page(shown, (shown[-1].number,) if len(rest) > limit else None)
