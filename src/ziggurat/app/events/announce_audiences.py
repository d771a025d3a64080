"""Joins and leaves as messages for the outbox, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.webhooks.webhook_types import AUDIENCE_JOINED, AUDIENCE_LEFT, AUDIENCE_REBUILT
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import outbox
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.memberships import Change
from ziggurat.store.repositories.outbox import Message

_UTC = calendar("UTC")


def announce_changes(
    connection: Connection,
    context: Context,
    changes: Sequence[Change],
    rows: Mapping[int, AudienceRow],
    members: Mapping[int, str],
) -> None:
    """One message for each join and leave of audiences that had been filled before.

    Who is in a new audience, or in one with new rules, is told in one message when it is filled (`announce_rebuilt`).
    """
    told = [change for change in changes if was_filled(rows[change.audience_id])]
    if not told or not is_anybody_listening(connection, context):
        return
    messages = []
    for change in told:
        data = {
            "audience": rows[change.audience_id].public_id,
            "audience_name": rows[change.audience_id].name,
            "member": members[change.member_id],
            "at": _UTC.format(change.at),
            "cause": change.cause,
        }
        type_ = AUDIENCE_JOINED if change.joined else AUDIENCE_LEFT
        messages.append(Message(type_, data, change.at, context.now, change.member_id))
    outbox.add(connection, context.scope, messages)


def announce_rebuilt(
    connection: Connection, context: Context, row: AudienceRow, joined: int, left: int, members: int
) -> None:
    """One message about all who are in an audience that was filled for the first time, or by new rules."""
    if is_anybody_listening(connection, context):
        data = {
            "audience": row.public_id,
            "audience_name": row.name,
            "joined": joined,
            "left": left,
            "members": members,
        }
        outbox.add(connection, context.scope, [Message(AUDIENCE_REBUILT, data, context.now, context.now)])


def was_filled(row: AudienceRow) -> bool:
    """Whether everybody has been placed by the audience's rules as they are."""
    return row.refreshed_at is not None
