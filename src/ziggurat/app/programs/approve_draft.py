"""Approve a draft."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.programs.move_draft import decide_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.tables.programs import DraftState


def approve_draft(context: Context, program: str, comment: str = "", expected_version: int | None = None) -> DraftView:
    """The submitted draft, approved by somebody who has neither written nor submitted it.

    Raises:
        OwnDraftError: it is the actor's own, and the organization does not allow that.
        NotFoundError, WrongStateError, StaleVersionError: as for `submit_draft`.
    """
    return decide_draft(context, program, DraftState.APPROVED, (DraftState.SUBMITTED,), comment, expected_version)
