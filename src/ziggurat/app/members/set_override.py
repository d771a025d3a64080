"""Put a person's decision about a member over what the rules say."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, RefusedEventError, UnknownTierError
from ziggurat.app.events.find_member import lock_member
from ziggurat.app.events.ingest_events import ingest
from ziggurat.app.events.load_programs import load_program
from ziggurat.app.members.list_overrides import member_overrides
from ziggurat.app.members.views import OverrideView
from ziggurat.app.public_ids import new_id
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.store.database import Connection


def set_override(
    context: Context,
    member: str,
    *,
    program: str,
    tier: str,
    mode: OverrideMode = OverrideMode.FIXED,
    until: int | None = None,
    reason: str = "",
) -> OverrideView:
    """The decision, in force from now on; one before it in the same program ends.

    Args:
        context: who decides.
        member: about whom.
        program: public id.
        tier: name or id.
        mode: `fixed`, `floor`, or `once`: put there now, the rules go on from there.
        until: UTC microseconds, None for no end.
        reason: why.

    Raises:
        NotFoundError: no such member or program.
        UnknownTierError: the program has no such tier.
        InvalidRequestError: `until` is not after now.
        MemberMergedError: the member was merged into another.
        RefusedEventError: the ledger does not take it (a reason that is too long, say).
    """
    if until is not None and until <= context.now:
        raise InvalidRequestError("until", "is not after now")

    def work(connection: Connection) -> OverrideView:
        found = lock_member(connection, context, member)
        loaded = load_program(connection, context, program)
        revision = loaded.in_force(context.now) or loaded.newest
        ladder = revision.program.ladder if revision else ()
        key = next((each.key for each in ladder if tier in (each.name, each.key)), None)
        if key is None:
            raise UnknownTierError(program, tier, (each.name for each in ladder))
        event = Event(
            member,
            EventType.TIER_OVERRIDE,
            context.now,
            id=new_id("ovr"),
            attribute=program,
            value=context.actor,
            tier=key,
            mode=mode,
            until=until,
            reason=reason,
        )
        write_override(connection, context, event)
        subject = f"member:{found.id}"
        record(connection, context, "override.set", subject, override=event.id, program=program, tier=tier, mode=mode)
        return next(each for each in member_overrides(connection, context, found) if each.id == event.id)

    return context.database.write(work)


def write_override(connection: Connection, context: Context, event: Event) -> None:
    """Put the event into the ledger.

    Raises:
        RefusedEventError: it is not taken.
    """
    (outcome,) = ingest(connection, context, [event])
    if outcome.result != "accepted":
        raise RefusedEventError(outcome.code, outcome.reason)
