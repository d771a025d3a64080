"""List a program's drafts."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.pages import Page, Position
from ziggurat.app.programs.program_views import draft_view
from ziggurat.app.programs.views import DraftView
from ziggurat.store.repositories import programs


def list_drafts(context: Context, program: str, *, after: Position | None = None, limit: int) -> Page[DraftView]:
    """All drafts of a program, newest first, activated and discarded ones too."""
    before = int(after[0] or 0) if after else None
    with context.database.reading() as connection:
        loaded = load_program(connection, context, program)
        rows = programs.drafts_of(connection, context.scope, loaded.id)
    rest = [row for row in rows if before is None or row.id < before]
    shown = rest[:limit]
    return Page(tuple(draft_view(loaded, row) for row in shown), (shown[-1].id,) if len(rest) > limit else None)
