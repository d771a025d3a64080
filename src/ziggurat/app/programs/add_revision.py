"""Add a revision to a program, and put it in force when its instant has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import ActivationPendingError, InvalidRequestError
from ziggurat.app.events.load_programs import LoadedProgram, last_effect, load_program
from ziggurat.app.programs.activation import begin_activation
from ziggurat.app.programs.program_views import job_view, program_view, revision_view
from ziggurat.app.programs.views import ActivationView
from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Connection
from ziggurat.store.repositories import programs
from ziggurat.store.repositories.programs import RevisionRow
from ziggurat.store.tables.base import canonical_json


def add_revision(  # noqa: PLR0913 - all of what a revision says
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    document: Mapping[str, Any],
    *,
    status: Status,
    effective_from: int | None,
    activation: Activation,
    note: str,
    draft_id: int | None = None,
    action: str = "revision.activated",
) -> ActivationView:
    """The revision, in force from `effective_from`: None is "from the beginning" for the first, now for later ones.

    The program must be locked. Now is never before the revision in force: of two who ask at once, the one who has to
    wait may have looked at the clock first, and it is all the same in force when this is done.

    Raises:
        ActivationPendingError: one before it is scheduled or still being put in force.
        InvalidRequestError: `effective_from` lies in the past of a program that has revisions already.
    """
    row = program.row
    if row.latest_revision > row.published_revision:
        newest = program.rows[-1]
        raise ActivationPendingError(row.public_id, newest.number, newest.effective_from)
    moment = context
    if row.latest_revision:
        if effective_from is None:
            effective_from = max(context.now, last_effect(program))
            moment = replace(context, now=effective_from)
        if effective_from < max(context.now, last_effect(program)):
            raise InvalidRequestError("effective_from", "lies in the past: what was in force then stays")
    revision = RevisionRow(
        program_id=row.id,
        number=row.latest_revision + 1,
        document=dict(document),
        effective_from=effective_from,
        status=status,
        activation=activation,
        checksum=sha256(canonical_json(document).encode()).digest(),
        note=note,
        created_by=context.actor,
        created_at=context.now,
        draft_id=draft_id,
    )
    programs.add_revision(connection, context.scope, revision)
    programs.save(connection, context.scope, row._replace(latest_revision=revision.number, updated_at=context.now))
    subject = f"program:{row.public_id}"
    record(
        connection,
        context,
        action,
        subject,
        revision=revision.number,
        status=str(status),
        activation=str(activation),
        effective_from=effective_from,
        checksum=revision.checksum.hex(),
    )
    loaded = load_program(connection, context, row.public_id)
    job = None
    if effective_from is None or effective_from <= moment.now:
        job = begin_activation(connection, moment, loaded)
        loaded = load_program(connection, context, row.public_id)
    return ActivationView(
        program=program_view(connection, moment, loaded),
        revision=revision_view(loaded, revision),
        job=job_view(job) if job else None,
    )
