"""What events mean to those who ask by name: that a member came to be, and that her points moved."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.events.admit_events import Admission
from ziggurat.app.events.point_totals import PointTotals, point_totals
from ziggurat.app.webhooks.webhook_types import FIRST_EVENT, FLOODING, POINTS_MOVED
from ziggurat.program.amounts import format_units
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import outbox, webhooks
from ziggurat.store.repositories.outbox import Message

_UTC = calendar("UTC")
_POINTS = ("balance", "earned", "adjusted", "spent", "returned", "expired")


def announce_events(connection: Connection, context: Context, admission: Admission, histories: Histories) -> None:
    """Put into the outbox what the accepted events mean, one message a member and type, where somebody asks for it.

    Args:
        connection: of the transaction that writes the events.
        context: who is at work.
        admission: what was accepted.
        histories: of those whom it is about, with it.
    """
    wanted = FLOODING & webhooks.types_asked_for(connection, context.scope)
    if not wanted:
        return
    sequences: dict[int, set[str]] = {}
    for place, sequence in admission.accepted.items():
        sequences.setdefault(admission.owner[place], set()).add(str(sequence))
    messages = []
    for owner, new in sequences.items():
        name, events = admission.standing[owner].external_id, histories.events(owner)
        if FIRST_EVENT in wanted and len(events) == len(new):
            data = {"member": name, "at": _UTC.format(context.now)}
            messages.append(Message(FIRST_EVENT, data, context.now, context.now, owner))
        if POINTS_MOVED in wanted:
            before = point_totals([event for event in events if event.id not in new], context.now)
            after = point_totals(events, context.now)
            if _points(before) != _points(after):
                data = {"member": name, "at": _UTC.format(context.now), **_points(after)}
                messages.append(Message(POINTS_MOVED, data, context.now, context.now, owner))
    if messages:
        outbox.add(connection, context.scope, messages)


def _points(totals: PointTotals) -> dict[str, str]:
    return {name: format_units(getattr(totals, name)) for name in _POINTS}
