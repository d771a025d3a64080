"""List a member's events as the ledger has them."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_member
from ziggurat.app.members.ledger_of import ledger_of
from ziggurat.app.members.views import EventView
from ziggurat.app.pages import Page, Position
from ziggurat.store.repositories import events as ledger


def list_member_events(
    context: Context, member: str, *, after: Position | None = None, limit: int, newest_first: bool = False
) -> Page[EventView]:
    """The member's events in order; a survivor's with those of the members merged into her, under their own names.

    Raises:
        NotFoundError: no such member.
    """
    seen = (int(after[0] or 0), int(after[1] or 0)) if after else None
    with context.database.reading() as connection:
        found = find_member(connection, context, member)
        if found.absorbed:
            rows = ledger_of(connection, context, found)
            rows = rows[::-1] if newest_first else rows
            if seen is not None:
                rows = [row for row in rows if ((row.event.occurred_at, row.sequence) > seen) is not newest_first]
                rows = [row for row in rows if (row.event.occurred_at, row.sequence) != seen]
            rows = rows[: limit + 1]
        else:
            rows = ledger.page(
                connection,
                context.scope,
                found.id,
                member,
                after=seen,
                newest_first=newest_first,
                limit=limit + 1,
            )
    shown = tuple(EventView(row.event, row.recorded_at, row.sequence) for row in rows[:limit])
    last = (shown[-1].event.occurred_at, shown[-1].sequence) if shown else None
    return Page(shown, last if len(rows) > limit else None)
