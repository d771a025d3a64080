"""Hand a draft in for approval."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.programs.move_draft import move_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.tables.programs import DraftState


def submit_draft(context: Context, program: str, comment: str = "", expected_version: int | None = None) -> DraftView:
    """The draft, handed in for approval.

    Raises:
        NotFoundError: no such program, or no open draft.
        WrongStateError: it is handed in already.
        StaleVersionError: it has changed since `expected_version`.
    """
    return move_draft(
        context,
        program,
        DraftState.SUBMITTED,
        (DraftState.DRAFT, DraftState.REJECTED),
        comment,
        expected_version,
        submitted_by=context.actor,
        submitted_at=context.now,
        decided_by=None,
        decided_at=None,
    )
