"""The whole ledger of an organization as an event table's rows: what `ziggurat replay` and `import` read again."""

from __future__ import annotations

from collections.abc import Iterator

from ziggurat.app.context import Context
from ziggurat.program.events import Event
from ziggurat.store.repositories import events as ledger


def export_events(context: Context) -> Iterator[Event]:
    """Every event, member by member, each member's in order; read as it goes, in one view of the database."""
    with context.database.reading() as connection:
        for row in ledger.everything(connection, context.scope):
            yield row.event
