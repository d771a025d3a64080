"""Bring an earlier revision's document back, as a new revision."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.add_revision import add_revision
from ziggurat.app.programs.views import ActivationView
from ziggurat.program.model import Activation, Status
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError


def roll_back(
    context: Context,
    program: str,
    *,
    revision: int,
    effective_from: int | None = None,
    activation: Activation = Activation.REEVALUATE,
    note: str = "",
) -> ActivationView:
    """A new revision with the document of number `revision`, in force from `effective_from` (None: now).

    It needs no approval: it had one. What was in force in between stays history.

    Raises:
        NotFoundError: no such program or revision.
        WrongStateError: the program is archived.
        ActivationPendingError, InvalidRequestError: as for `add_revision`.
    """

    def work(connection: Connection) -> ActivationView:
        loaded = load_program(connection, context, program, lock=True)
        found = next((row for row in loaded.rows if row.number == revision), None)
        if found is None or loaded.newest is None:
            raise NotFoundError("revision", revision)
        if loaded.newest.status is Status.ARCHIVED:
            raise WrongStateError("program", program, Status.ARCHIVED, (Status.ACTIVE, Status.PAUSED, Status.FROZEN))
        return add_revision(
            connection,
            context,
            loaded,
            found.document,
            status=loaded.newest.status,
            effective_from=effective_from,
            activation=activation,
            note=note or f"as revision {revision}",
            action="revision.rolled_back",
        )

    return context.database.write(work)
