"""Lift a person's decision about a member: the rules show again."""

from __future__ import annotations

from dataclasses import replace

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.find_member import lock_member
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.members.list_overrides import member_overrides
from ziggurat.app.members.set_override import write_override
from ziggurat.app.members.views import OverrideView
from ziggurat.app.public_ids import new_id
from ziggurat.program.events import Event, EventType
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError


def end_override(context: Context, member: str, override_id: str, reason: str = "") -> OverrideView:
    """The decision, ended now.

    Raises:
        NotFoundError: no such member or decision.
        WrongStateError: it has ended already.
        MemberMergedError: the member was merged into another.
        RefusedEventError: the ledger does not take it.
    """

    def work(connection: Connection) -> OverrideView:
        found = lock_member(connection, context, member)
        listed = member_overrides(connection, context, found)
        override = next((each for each in listed if each.id == override_id), None)
        if override is None:
            raise NotFoundError("override", override_id)
        if override.ended_at is not None:
            raise WrongStateError("override", override_id, "ended", ("in force",))
        revision = load_program(connection, context, override.program).newest
        ladder = revision.program.ladder if revision else ()
        key = next((tier.key for tier in ladder if override.tier in (tier.name, tier.key)), override.tier)
        ending = Event(
            member,
            EventType.TIER_OVERRIDE,
            context.now,
            id=new_id("ovr"),
            attribute=override.program,
            value=context.actor,
            tier=key,
            mode=override.mode,
            until=context.now,
            reason=reason,
        )
        write_override(connection, context, ending)
        record(connection, context, "override.ended", f"member:{found.id}", override=override_id)
        return replace(override, ended_at=context.now)

    return context.database.write(work)
