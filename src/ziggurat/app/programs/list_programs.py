"""List programs."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import load_programs
from ziggurat.app.pages import Page, Position
from ziggurat.app.programs.program_views import program_view
from ziggurat.app.programs.views import ProgramView
from ziggurat.program.model import Status


def list_programs(
    context: Context, *, status: Status | None = None, after: Position | None = None, limit: int
) -> Page[ProgramView]:
    """The organization's programs, oldest first, in one status if it is named."""
    start = int(after[0] or 0) if after else 0
    shown: list[tuple[int, ProgramView]] = []
    with context.database.reading() as connection:
        for program in load_programs(connection, context):
            if program.id <= start:
                continue
            view = program_view(connection, context, program)
            if status is None or view.status is status:
                shown.append((program.id, view))
            if len(shown) > limit:
                break
    page = shown[:limit]
    return Page(tuple(view for _, view in page), (page[-1][0],) if len(shown) > limit else None)
