"""Write a program's draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.program_views import draft_view, open_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.app.public_ids import new_id
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import programs
from ziggurat.store.tables.programs import DraftState

EDITABLE = (DraftState.DRAFT, DraftState.REJECTED)


def put_draft(
    context: Context, program: str, document: Mapping[str, Any], expected_version: int | None = None
) -> DraftView:
    """The program's draft with `document`, on top of the latest revision; a new one if there is none.

    Saving a rejected draft makes it an ordinary one again.

    Raises:
        InvalidProgramError: with every fault of the document.
        NotFoundError: there is no such program.
        StaleVersionError: the draft has changed since `expected_version`, or is no longer there.
        WrongStateError: it is submitted or approved: reject it first.
    """
    text = program_document(read_program(document))

    def work(connection: Connection) -> DraftView:
        loaded = load_program(connection, context, program, lock=True)
        draft = open_draft(connection, context, loaded)
        if expected_version is not None and (draft is None or draft.version != expected_version):
            raise StaleVersionError("draft", program, expected_version)
        if draft is None:
            id_ = new_id("dft")
            saved = programs.create_draft(
                connection, context.scope, loaded.row, id_, text, author=context.actor, created_at=context.now
            )
        elif draft.state not in EDITABLE:
            raise WrongStateError("draft", program, draft.state, EDITABLE)
        else:
            saved = programs.save_draft(
                connection,
                context.scope,
                draft._replace(
                    document=text,
                    state=DraftState.DRAFT,
                    base_revision=loaded.row.latest_revision,
                    author=context.actor,
                    updated_at=context.now,
                ),
            )
        record(connection, context, "draft.saved", f"program:{program}", draft=saved.public_id)
        return draft_view(loaded, saved)

    return context.database.write(work)
