"""Throw a draft away."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.programs.move_draft import move_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.tables.programs import DraftState


def discard_draft(context: Context, program: str, expected_version: int | None = None) -> DraftView:
    """The draft, thrown away; the program can have another one.

    Raises:
        NotFoundError, StaleVersionError: as for `submit_draft`.
    """
    allowed = (DraftState.DRAFT, DraftState.SUBMITTED, DraftState.APPROVED, DraftState.REJECTED)
    return move_draft(context, program, DraftState.DISCARDED, allowed, "", expected_version)
