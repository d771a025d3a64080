"""List the decisions persons have taken about a member."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_standing
from ziggurat.app.events.load_programs import load_programs
from ziggurat.app.members.ledger_of import ledger_of
from ziggurat.app.members.overrides_of import overrides_of
from ziggurat.app.members.views import OverrideView
from ziggurat.store.database import Connection
from ziggurat.store.repositories.members import Member


def list_overrides(context: Context, member: str, *, program: str | None = None) -> tuple[OverrideView, ...]:
    """Every decision, oldest first, ended ones too.

    Raises:
        NotFoundError: no such member.
    """
    with context.database.reading() as connection:
        _, standing = find_standing(connection, context, member)
        found = member_overrides(connection, context, standing)
    return tuple(each for each in found if program is None or each.program == program)


def member_overrides(connection: Connection, context: Context, member: Member) -> list[OverrideView]:
    """The same within a transaction, for a member who stands for herself."""
    rows = ledger_of(connection, context, member)
    programs = [each for each in load_programs(connection, context) if each.newest is not None]
    return overrides_of([row.event for row in rows], programs, context.now)
