"""Read a program with all its revisions, as one consistent picture: what faces count their own revisions from."""

from __future__ import annotations

from dataclasses import dataclass

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import program_view, revision_view
from ziggurat.app.programs.views import ProgramView, RevisionView
from ziggurat.program.model import Program


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A program and its revisions, oldest first; `programs` are the revisions' documents as values."""

    program: ProgramView
    revisions: tuple[RevisionView, ...]
    programs: tuple[Program, ...]


def read_history(context: Context, program: str) -> HistoryView:
    """The program with that public id, and every revision of it, also those that are not yet in force.

    Raises:
        NotFoundError: the organization has no such program.
    """
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        return HistoryView(
            program=program_view(connection, context, loaded),
            revisions=tuple(revision_view(loaded, row) for row in loaded.rows),
            programs=tuple(revision.program for revision in loaded.revisions),
        )
