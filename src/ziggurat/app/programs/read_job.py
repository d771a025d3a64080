"""Read a background job: how far it has come."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.programs.program_views import job_view
from ziggurat.app.programs.views import JobView
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import jobs


def read_job(context: Context, job: str) -> JobView:
    """The job with that public id.

    Raises:
        NotFoundError: the organization has none.
    """
    with context.database.reading() as connection:
        found = jobs.get(connection, context.scope, job)
    if found is None:
        raise NotFoundError("job", job)
    return job_view(found)
