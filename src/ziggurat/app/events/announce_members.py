"""New members, and what is newly known of members, as messages for the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.webhooks.webhook_types import MEMBER_CHANGED, MEMBER_CREATED
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import outbox
from ziggurat.store.repositories.identities import SAID, Identity
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.outbox import Message

_UTC = calendar("UTC")


def announce_created(connection: Connection, context: Context, created: Sequence[Member]) -> None:
    """One message for each new member."""
    if created and is_anybody_listening(connection, context):
        messages = [_message(context, MEMBER_CREATED, member.id, {"member": member.external_id}) for member in created]
        outbox.add(connection, context.scope, messages)


def announce_changed(
    connection: Connection, context: Context, changes: Sequence[tuple[Member, Identity | None, Identity]]
) -> None:
    """One message for each member of whom something else is said than before: which fields, never what."""
    if changes and is_anybody_listening(connection, context):
        messages = [
            _message(
                context,
                MEMBER_CHANGED,
                member.id,
                {"member": member.external_id, "fields": changed_fields(before, after)},
            )
            for member, before, after in changes
        ]
        outbox.add(connection, context.scope, messages)


def changed_fields(before: Identity | None, after: Identity) -> list[str]:
    """The names of what differs; of metadata each name for itself (`metadata.tags`), in objects each of theirs."""
    fields = [name for name in SAID if getattr(after, name) != (getattr(before, name) if before else None)]
    old: Mapping[str, Any] = before.metadata if before else {}
    names = [*old, *(name for name in after.metadata if name not in old)]
    for name in names:
        one, other = old.get(name), after.metadata.get(name)
        if one == other:
            continue
        if isinstance(one or {}, Mapping) and isinstance(other or {}, Mapping):
            inner = {**(one or {}), **(other or {})}
            differing = [key for key in inner if (one or {}).get(key) != (other or {}).get(key)]
            fields += [f"metadata.{name}.{key}" for key in differing]
        else:
            fields.append(f"metadata.{name}")
    return fields


def _message(context: Context, type_: str, number: int, data: dict[str, Any]) -> Message:
    return Message(type_, {**data, "at": _UTC.format(context.now)}, context.now, context.now, number)
