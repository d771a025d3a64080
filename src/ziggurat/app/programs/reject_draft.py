"""Give a draft back to its author."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.programs.move_draft import decide_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.tables.programs import DraftState


def reject_draft(context: Context, program: str, comment: str = "", expected_version: int | None = None) -> DraftView:
    """The submitted or approved draft, given back: it can be edited and submitted again.

    Raises:
        OwnDraftError: it is the actor's own, and the organization does not allow that.
        NotFoundError, WrongStateError, StaleVersionError: as for `submit_draft`.
    """
    allowed = (DraftState.SUBMITTED, DraftState.APPROVED)
    return decide_draft(context, program, DraftState.REJECTED, allowed, comment, expected_version)
