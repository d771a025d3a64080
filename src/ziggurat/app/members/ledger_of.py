"""The ledger of one member, with those merged into her."""

from __future__ import annotations

from dataclasses import replace

from ziggurat.app.context import Context
from ziggurat.program.events import Event
from ziggurat.store.database import Connection
from ziggurat.store.event_rows import LedgerEvent
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import members
from ziggurat.store.repositories.members import Member


def everyone_in(connection: Connection, context: Context, member: Member) -> list[int]:
    """The member and those merged into her."""
    if not member.absorbed:
        return [member.id]
    return [member.id, *members.absorbed_by(connection, context.scope, [member.id]).get(member.id, [])]


def ledger_of(connection: Connection, context: Context, member: Member) -> list[LedgerEvent]:
    """Every event of the member, in order; events of those merged into her are told under their own names."""
    found = ledger.of_members(connection, context.scope, everyone_in(connection, context, member))
    rows = [row for group in found.values() for row in group]
    return sorted(rows, key=lambda row: (row.event.occurred_at, row.sequence))


def own_events(rows: list[LedgerEvent], member: str, program: str) -> list[Event]:
    """Those events as one member's, in order of arrival; decisions about other programs left out."""
    mine = [row for row in rows if not (row.event.tier and row.event.attribute not in ("", program))]
    return [replace(row.event, member=member) for row in sorted(mine, key=lambda row: row.sequence)]
