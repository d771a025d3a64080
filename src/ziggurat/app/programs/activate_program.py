"""Make a program's draft its next revision."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import ApprovalRequiredError, OutdatedDraftError, WrongStateError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.add_revision import add_revision
from ziggurat.app.programs.read_draft import require_draft
from ziggurat.app.programs.views import ActivationView
from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import organizations, programs
from ziggurat.store.tables.programs import DraftState

_UNAPPROVED = (DraftState.DRAFT, DraftState.SUBMITTED, DraftState.APPROVED)


def activate_program(
    context: Context,
    program: str,
    *,
    effective_from: int | None = None,
    activation: Activation = Activation.REEVALUATE,
    note: str = "",
    expected_version: int | None = None,
) -> ActivationView:
    """The draft as a revision, in force from `effective_from` (None: from the beginning for the first, now for others).

    `activation` says what it does to current members at that instant. A large base is worked through by the job that is
    answered, and shown by the new rules all at once; one that is scheduled is put in force when its time has come.

    Raises:
        NotFoundError: no such program, or no open draft.
        ApprovalRequiredError: the organization wants it approved first.
        OutdatedDraftError: another revision was made since the draft was saved.
        WrongStateError: the draft is rejected, or the program archived.
        ActivationPendingError, InvalidRequestError: as for `add_revision`.
        StaleVersionError: the draft has changed since `expected_version`.
    """

    def work(connection: Connection) -> ActivationView:
        loaded = load_program(connection, context, program, lock=True)
        draft = require_draft(connection, context, loaded)
        if expected_version is not None and draft.version != expected_version:
            raise StaleVersionError("draft", program, expected_version)
        if draft.state is not DraftState.APPROVED:
            if organizations.get(connection, context.scope).requires_approval:
                raise ApprovalRequiredError(program)
            if draft.state not in _UNAPPROVED:
                raise WrongStateError("draft", program, draft.state, _UNAPPROVED)
        if draft.base_revision != loaded.row.latest_revision:
            raise OutdatedDraftError(draft.public_id, draft.base_revision, loaded.row.latest_revision)
        status = loaded.newest.status if loaded.newest else Status.ACTIVE
        if Status.ARCHIVED in (status, loaded.row.status):
            raise WrongStateError("program", program, Status.ARCHIVED, (Status.DRAFT, Status.ACTIVE, Status.PAUSED))
        programs.save_draft(
            connection, context.scope, draft._replace(state=DraftState.ACTIVATED, updated_at=context.now)
        )
        return add_revision(
            connection,
            context,
            loaded,
            draft.document,
            status=status,
            effective_from=effective_from,
            activation=activation,
            note=note or draft.comment,
            draft_id=draft.id,
        )

    return context.database.write(work)
