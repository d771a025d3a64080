"""Check a program's draft: what is odd about it, and the ladder it makes."""

from __future__ import annotations

from dataclasses import asdict

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.read_draft import require_draft
from ziggurat.app.programs.views import CheckView
from ziggurat.errors import InvalidProgramError
from ziggurat.program.check import ladder_rows, warnings
from ziggurat.program.read import read_program


def check_draft(context: Context, program: str) -> CheckView:
    """What the checks say of the open draft.

    Raises:
        NotFoundError: no such program, or no open draft.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        draft = require_draft(connection, context, loaded)
    try:
        read = read_program(draft.document)
    except InvalidProgramError as error:
        return CheckView(valid=False, faults=error.faults, warnings=(), ladder=())
    rows = tuple(asdict(row) for row in ladder_rows(read))
    return CheckView(valid=True, faults=(), warnings=tuple(warnings(read)), ladder=rows)
