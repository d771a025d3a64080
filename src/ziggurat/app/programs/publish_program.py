"""Make a document a program's next revision in one go: for faces and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.errors import ApprovalRequiredError
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.programs.add_revision import add_revision
from ziggurat.app.programs.views import ActivationView
from ziggurat.app.public_ids import new_id
from ziggurat.program.model import Activation, Status
from ziggurat.program.read import read_program
from ziggurat.program.write import program_document
from ziggurat.store.database import Connection
from ziggurat.store.errors import StaleVersionError
from ziggurat.store.repositories import organizations, outbox, programs
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.tables.programs import DraftState


def publish_program(  # noqa: PLR0913 - all of what a revision says, and who hears of it
    context: Context,
    document: Mapping[str, Any],
    program: str | None = None,
    *,
    status: Status | None = None,
    effective_from: int | None = None,
    activation: Activation = Activation.REEVALUATE,
    note: str = "",
    expected_version: int | None = None,
    telling: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> ActivationView:
    """Draft, approval and activation in one transaction; `program` None makes a new one, an unknown id one of that id.

    Unless `status` says otherwise, one that is paused or frozen stays so; an archived one becomes active again. An open
    draft of somebody's stays, but has to be saved again before it can be activated.

    Args:
        context: who asks.
        document: plain values; numbers may be Decimal.
        program: public id.
        status: what the program is to be from then on; None leaves it as it is.
        effective_from: UTC microseconds; None is "from the beginning" for a first revision, now for others.
        activation: what it does to current members.
        note: kept with the revision.
        expected_version: the program's version as last seen, None to go ahead whatever it is.
        telling: messages of a face's own (type such as `wix:tier_created`, payload) that go out with the change.

    Raises:
        InvalidProgramError: with every fault of the document.
        ApprovalRequiredError: the organization wants approval, and nobody may approve their own.
        StaleVersionError: the program has changed since `expected_version`.
        ActivationPendingError, InvalidRequestError: as for `add_revision`.
    """
    id_ = program or new_id("prg")

    def work(connection: Connection) -> ActivationView:
        return publish(
            connection,
            context,
            document,
            id_,
            status=status,
            effective_from=effective_from,
            activation=activation,
            note=note,
            expected_version=expected_version,
            telling=telling,
        )

    return context.database.write(work)


def publish(  # noqa: PLR0913 - as above
    connection: Connection,
    context: Context,
    document: Mapping[str, Any],
    id_: str,
    *,
    status: Status | None = None,
    effective_from: int | None = None,
    activation: Activation = Activation.REEVALUATE,
    note: str = "",
    expected_version: int | None = None,
    telling: Sequence[tuple[str, Mapping[str, Any]]] = (),
    author: str = "",
) -> ActivationView:
    """`publish_program` within a transaction of the caller's.

    `author` wrote the document, and whoever asks only approves it: then an organization that wants approval has it.
    """
    read = read_program(document)
    text = program_document(read)
    organization = organizations.get(connection, context.scope)
    approved = organization.self_approval or (author and author != context.actor)
    if organization.requires_approval and not approved:
        raise ApprovalRequiredError(id_)
    row = programs.get(connection, context.scope, id_)
    if row is None:
        row = programs.create(connection, context.scope, id_, read.name, created_at=context.now)
    loaded = load_program(connection, context, id_, lock=True)
    if expected_version is not None and loaded.row.version != expected_version:
        raise StaleVersionError("program", id_, expected_version)
    draft = programs.create_draft(
        connection,
        context.scope,
        loaded.row,
        new_id("dft"),
        text,
        author=author or context.actor,
        created_at=context.now,
    )
    draft = draft._replace(state=DraftState.ACTIVATED, decided_by=context.actor, decided_at=context.now)
    programs.save_draft(connection, context.scope, draft)
    newest = loaded.newest
    if telling and is_anybody_listening(connection, context):
        messages = [Message(type_, dict(payload), context.now, context.now) for type_, payload in telling]
        outbox.add(connection, context.scope, messages)
    kept = newest.status if newest and newest.status is not Status.ARCHIVED else Status.ACTIVE
    return add_revision(
        connection,
        context,
        loaded,
        text,
        status=status or kept,
        effective_from=effective_from,
        activation=activation,
        note=note,
        draft_id=draft.id,
    )
