"""Make a program, which begins as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import program_view
from ziggurat.app.programs.views import ProgramView
from ziggurat.app.public_ids import new_id
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document
from ziggurat.store.database import Connection
from ziggurat.store.errors import AlreadyExistsError
from ziggurat.store.repositories import programs


def create_program(context: Context, document: Mapping[str, Any], *, public_id: str | None = None) -> ProgramView:
    """A new program with a draft of `document` (plain values; numbers may be Decimal), which has no effect yet.

    Raises:
        InvalidProgramError: with every fault of the document.
        AlreadyExistsError: there is a program with that `public_id`.
    """
    program = read_program(document)
    text = program_document(program)
    id_ = public_id or new_id("prg")

    def work(connection: Connection) -> ProgramView:
        if programs.get(connection, context.scope, id_) is not None:
            raise AlreadyExistsError("program", id_)
        row = programs.create(connection, context.scope, id_, program.name, created_at=context.now)
        programs.create_draft(
            connection, context.scope, row, new_id("dft"), text, author=context.actor, created_at=context.now
        )
        record(connection, context, "program.created", f"program:{id_}", name=program.name)
        return program_view(connection, context, load_program(connection, context, id_))

    return context.database.write(work)
