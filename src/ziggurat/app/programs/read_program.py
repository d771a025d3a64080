"""Read a program."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import program_view
from ziggurat.app.programs.views import ProgramView


def read_program(context: Context, program: str) -> ProgramView:
    """The program with that public id.

    Raises:
        NotFoundError: the organization has none.
    """
    with context.database.reading() as connection:
        return program_view(connection, context, load_program(connection, context, program))
