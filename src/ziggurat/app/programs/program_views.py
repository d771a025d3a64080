"""Programs, revisions, drafts and jobs as views."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram, status_at
from ziggurat.app.programs.views import DraftView, JobView, ProgramView, RevisionView
from ziggurat.program.model import Status
from ziggurat.store.database import Connection
from ziggurat.store.repositories import programs
from ziggurat.store.repositories.jobs import Job
from ziggurat.store.repositories.programs import DraftRow, RevisionRow
from ziggurat.store.tables.programs import DraftState

OPEN_STATES = (DraftState.DRAFT, DraftState.SUBMITTED, DraftState.APPROVED, DraftState.REJECTED)


def open_draft(connection: Connection, context: Context, program: LoadedProgram) -> DraftRow | None:
    """The program's draft that is neither activated nor discarded; there is at most one."""
    found = programs.drafts_of(connection, context.scope, program.id, *OPEN_STATES)
    return found[0] if found else None


def program_view(connection: Connection, context: Context, program: LoadedProgram) -> ProgramView:
    """The program as it is in force at the context's now, with its open draft."""
    draft = open_draft(connection, context, program)
    revision = program.in_force(context.now)
    row = program.row
    return ProgramView(
        id=row.public_id,
        name=revision.program.name if revision else row.name,
        status=row.status if row.status is Status.ARCHIVED else status_at(program, context.now),
        revision=revision.number if revision else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        document=program.rows[revision.number - 1].document if revision else None,
        draft=draft_view(program, draft) if draft else None,
    )


def draft_view(program: LoadedProgram, draft: DraftRow) -> DraftView:
    """What is shown of `draft`."""
    return DraftView(
        id=draft.public_id,
        program=program.row.public_id,
        document=draft.document,
        state=str(draft.state),
        base_revision=draft.base_revision,
        author=draft.author,
        submitted_by=draft.submitted_by,
        submitted_at=draft.submitted_at,
        decided_by=draft.decided_by,
        decided_at=draft.decided_at,
        comment=draft.comment,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
        version=draft.version,
    )


def revision_view(program: LoadedProgram, row: RevisionRow) -> RevisionView:
    """What is shown of a revision."""
    return RevisionView(
        number=row.number,
        status=row.status,
        activation=row.activation,
        effective_from=row.effective_from,
        checksum=bytes(row.checksum).hex(),
        note=row.note,
        created_by=row.created_by,
        created_at=row.created_at,
        document=row.document,
        published=row.number <= program.row.published_revision,
    )


def job_view(job: Job) -> JobView:
    """What is shown of a job."""
    return JobView(
        id=job.public_id,
        kind=job.kind,
        state=str(job.state),
        done=job.done,
        total=job.total,
        error=job.error,
        result=job.result,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
