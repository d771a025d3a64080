"""Pause, freeze, resume or archive a program: a revision with the same document."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, WrongStateError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.add_revision import add_revision
from ziggurat.app.programs.views import ActivationView
from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Connection


def change_status(
    context: Context, program: str, status: Status, effective_from: int | None = None, note: str = ""
) -> ActivationView:
    """The program in `status` from `effective_from` on (None: now).

    Raises:
        NotFoundError: there is no such program.
        WrongStateError: it is in that status already, or has no revision yet.
        InvalidRequestError: nothing becomes a draft again, or `effective_from` lies in the past.
        ActivationPendingError: a revision is scheduled or still being put in force.
    """
    if status is Status.DRAFT:
        raise InvalidRequestError("status", "cannot become draft again")

    def work(connection: Connection) -> ActivationView:
        loaded = load_program(connection, context, program, lock=True)
        newest = loaded.newest
        if newest is None:
            raise WrongStateError("program", program, loaded.row.status, (Status.ACTIVE,))
        if newest.status is status:
            others = tuple(each for each in Status if each not in (status, Status.DRAFT))
            raise WrongStateError("program", program, newest.status, others)
        return add_revision(
            connection,
            context,
            loaded,
            loaded.rows[-1].document,
            status=status,
            effective_from=effective_from,
            activation=Activation.AT_NEXT_DECISION,
            note=note,
            action="program.status_changed",
        )

    return context.database.write(work)
