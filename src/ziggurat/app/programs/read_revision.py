"""Read one revision of a program."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import revision_view
from ziggurat.app.programs.views import RevisionView
from ziggurat.store.errors import NotFoundError


def read_revision(context: Context, program: str, number: int) -> RevisionView:
    """Revision `number` of a program.

    Raises:
        NotFoundError: no such program or revision.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
    row = next((row for row in loaded.rows if row.number == number), None)
    if row is None:
        raise NotFoundError("revision", number)
    return revision_view(loaded, row)
