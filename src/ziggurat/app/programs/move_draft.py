"""One step of a draft on its way: from one state to another, for those who may."""

from __future__ import annotations

from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.check_texts import require_text
from ziggurat.app.context import Context
from ziggurat.app.errors import OwnDraftError, WrongStateError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import draft_view
from ziggurat.app.programs.read_draft import require_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import organizations, programs
from ziggurat.store.tables.programs import DraftState


def decide_draft(
    context: Context,
    program: str,
    state: DraftState,
    allowed: tuple[DraftState, ...],
    comment: str,
    expected_version: int | None,
) -> DraftView:
    """The draft in `state`, put there by somebody who has neither written nor submitted it.

    Raises:
        OwnDraftError: it is the actor's own, and the organization does not allow that.
        NotFoundError, WrongStateError, StaleVersionError: as for `move_draft`.
    """
    decided = {"decided_by": context.actor, "decided_at": context.now}
    return move_draft(context, program, state, allowed, comment, expected_version, by_another=True, **decided)


def move_draft(
    context: Context,
    program: str,
    state: DraftState,
    allowed: tuple[DraftState, ...],
    comment: str,
    expected_version: int | None,
    *,
    by_another: bool = False,
    **changes: Any,
) -> DraftView:
    """The draft in `state` and with `changes`, if it is in an `allowed` one.

    Raises:
        NotFoundError: no such program, or no open draft.
        WrongStateError: it is in another state.
        StaleVersionError: it has changed since `expected_version`.
    """
    require_text("comment", comment)

    def work(connection: Connection) -> DraftView:
        loaded = load_program(connection, context, program, lock=True)
        draft = require_draft(connection, context, loaded)
        if expected_version is not None and draft.version != expected_version:
            raise StaleVersionError("draft", program, expected_version)
        if draft.state not in allowed:
            raise WrongStateError("draft", program, draft.state, allowed)
        own = by_another and context.actor in (draft.author, draft.submitted_by)
        if own and not organizations.get(connection, context.scope).self_approval:
            raise OwnDraftError(draft.public_id)
        remark = comment or draft.comment
        saved = programs.save_draft(
            connection, context.scope, draft._replace(state=state, updated_at=context.now, comment=remark, **changes)
        )
        subject = f"program:{program}"
        record(connection, context, f"draft.{state}", subject, draft=draft.public_id, comment=comment)
        return draft_view(loaded, saved)

    return context.database.write(work)
