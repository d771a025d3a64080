"""List background jobs."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.pages import Page, Position
from ziggurat.app.programs.program_views import job_view
from ziggurat.app.programs.views import JobView
from ziggurat.store.repositories import jobs


def list_jobs(context: Context, *, kind: str | None = None, after: Position | None = None, limit: int) -> Page[JobView]:
    """The organization's jobs, newest first, of one kind if it is named."""
    before = int(after[0] or 0) if after else None
    with context.database.reading() as connection:
        found = jobs.page(connection, context.scope, kind=kind, before=before, limit=limit + 1)
    shown = found[:limit]
    return Page(tuple(map(job_view, shown)), (shown[-1].id,) if len(found) > limit else None)
