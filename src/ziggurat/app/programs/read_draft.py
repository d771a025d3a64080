"""Read a program's open draft."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram, load_program
from ziggurat.app.programs.program_views import draft_view, open_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories.programs import DraftRow


def read_draft(context: Context, program: str) -> DraftView:
    """The open draft of a program.

    Raises:
        NotFoundError: there is no such program, or it has none.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        return draft_view(loaded, require_draft(connection, context, loaded))


def require_draft(connection: Connection, context: Context, program: LoadedProgram) -> DraftRow:
    """The open draft of `program`.

    Raises:
        NotFoundError: it has none.
    """
    draft = open_draft(connection, context, program)
    if draft is None:
        raise NotFoundError("draft of program", program.row.public_id)
    return draft
