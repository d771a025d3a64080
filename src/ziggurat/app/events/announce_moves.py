"""Moves as messages for the outbox, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.webhooks.webhook_types import CORRECTED
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.transitions import TransitionRow

_UTC = calendar("UTC")


def is_anybody_listening(connection: Connection, context: Context) -> bool:
    """Whether the organization has endpoints; without any, nothing is written for them."""
    return bool(webhooks.endpoints(connection, context.scope))


def announce_moves(
    connection: Connection,
    context: Context,
    program: LoadedProgram,
    added: Sequence[TransitionRow],
    superseded: Mapping[int, Sequence[TransitionRow]],
    members: Mapping[int, str],
) -> None:
    """Put new moves into the outbox, one message each; a member whose told moves changed gets one about all of it.

    Args:
        connection: of the transaction that writes the moves.
        context: who is at work.
        program: whose moves they are.
        added: the new moves, in order.
        superseded: what is no longer true, by member.
        members: external ids.
    """
    if not (added or superseded) or not is_anybody_listening(connection, context):
        return
    messages = []
    replacing: dict[int, list[TransitionRow]] = {member: [] for member in superseded}
    for row in added:
        if row.member_id in replacing:
            replacing[row.member_id].append(row)
        else:
            messages.append(_message(context, f"tier.{row.kind}", move_data(program, members, row), row))
    for member_id, gone in superseded.items():
        messages.append(_correction(context, program, members, gone, replacing[member_id]))
    outbox.add(connection, context.scope, messages)


def move_data(program: LoadedProgram, members: Mapping[int, str], row: TransitionRow) -> dict[str, Any]:
    """One move as JSON values."""
    return {
        "program": program.row.public_id,
        "member": members[row.member_id],
        "at": _UTC.format(row.at),
        "kind": row.kind,
        "cause": row.cause,
        "from_tier": program.tier_name(row.from_key, row.revision),
        "to_tier": program.tier_name(row.to_key, row.revision),
        "value": None if row.value is None else format_units(row.value),
        "threshold": None if row.threshold is None else format_units(row.threshold),
        "expires_at": None if row.expires_at is None else _UTC.format(row.expires_at),
        "revision": row.revision,
    }


def _correction(
    context: Context,
    program: LoadedProgram,
    members: Mapping[int, str],
    gone: Sequence[TransitionRow],
    instead: Sequence[TransitionRow],
) -> Message:
    last = instead[-1] if instead else None
    first = gone[0]
    tier_key, revision = (last.to_key, last.revision) if last else (first.from_key, first.revision)
    data = {
        "program": program.row.public_id,
        "member": members[first.member_id],
        "superseded": [move_data(program, members, row) for row in gone],
        "moves": [move_data(program, members, row) for row in instead],
        "tier": program.tier_name(tier_key, revision),
    }
    return _message(context, CORRECTED, data, last or first)


def _message(context: Context, type_: str, data: dict[str, Any], row: TransitionRow) -> Message:
    return Message(type_, data, row.at, context.now, row.member_id)
