"""Enrol a member, with attributes if there are any."""

from __future__ import annotations

from collections.abc import Mapping

from ziggurat.app.context import Context
from ziggurat.app.errors import RefusedEventError
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.members.read_member import member_view
from ziggurat.app.members.views import MemberView
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.repositories import members


def enrol_member(
    context: Context, member: str, *, enrolled_at: int | None = None, attributes: Mapping[str, str] | None = None
) -> MemberView:
    """The member, enrolled at `enrolled_at` (None: now), or as early as she was already.

    Raises:
        RefusedEventError: the ledger does not take the enrolment or an attribute.
    """
    at = context.now if enrolled_at is None else enrolled_at

    def work(connection: Connection) -> MemberView:
        known = members.get(connection, context.scope, member)
        events = [
            Event(member, EventType.ATTRIBUTE_SET, context.now, attribute=name, value=value)
            for name, value in (attributes or {}).items()
        ]
        if known is None or known.enrolled_at is None or at < known.enrolled_at:
            events.insert(0, Event(member, EventType.MEMBER_ENROLLED, at))
        for outcome in ingest(connection, context, events):
            if outcome.result != "accepted":
                raise RefusedEventError(outcome.code, outcome.reason)
        return member_view(connection, context, member)

    return context.database.write(work)
