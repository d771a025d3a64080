"""Moves as views, with the external ids of the events that caused them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.load_programs import LoadedProgram
from ziggurat.app.members.ledger_of import everyone_in
from ziggurat.app.members.views import TransitionView
from ziggurat.store.database import Connection
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.transitions import TransitionRow


def event_ids(
    connection: Connection, context: Context, member: Member, rows: Iterable[TransitionRow]
) -> dict[int, str]:
    """The external ids of the events that caused those moves of one member, by sequence."""
    keys = [(row.at, row.details["event"]) for row in rows if row.details]
    if not keys:
        return {}
    ids = everyone_in(connection, context, member)
    found = ledger.by_sequences(connection, context.scope, ids, keys, member.external_id)
    return {sequence: row.event.id for sequence, row in found.items()}


def transition_views(
    program: LoadedProgram, rows: Sequence[TransitionRow], ids: Mapping[int, str]
) -> list[TransitionView]:
    """What is shown of those moves."""
    return [
        TransitionView(
            program=program.row.public_id,
            at=row.at,
            kind=row.kind,
            cause=row.cause,
            from_tier=program.tier_name(row.from_key, row.revision),
            to_tier=program.tier_name(row.to_key, row.revision),
            value=row.value,
            threshold=row.threshold,
            expires_at=row.expires_at,
            event_id=ids.get((row.details or {}).get("event", 0), ""),
            revision=row.revision,
            correction=row.correction,
            superseded_at=row.superseded_at,
        )
        for row in rows
    ]
