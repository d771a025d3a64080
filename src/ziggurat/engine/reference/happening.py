"""What an event does before the decision it brings about (docs/rules.md, "Events", "Reversals", "Overrides")."""

from __future__ import annotations

from ziggurat.engine.measures import contribution
from ziggurat.engine.reference.deciding import decide, enter, judgement
from ziggurat.engine.reference.standing import RUNNING, Merit, Override, Standing, Taken
from ziggurat.engine.reference.tally import Entry, Tally
from ziggurat.engine.requirements import holds
from ziggurat.engine.timeline import Cause
from ziggurat.program.amounts import attribute_units
from ziggurat.program.calendar import NEVER, CalendarUnit
from ziggurat.program.events import Event, EventType, OverrideMode
from ziggurat.program.model import (
    ExpirationType,
    Measure,
    MeasureKind,
    OnReversal,
    Status,
)
from ziggurat.program.reversals import UnacceptableReversalError, holding_of, share_of


def take(member: Standing, event: Event) -> None:
    """Count `event`, then decide."""
    member.position += 1
    if member.position == 0:
        member.enrolled = member.since = event.occurred_at
    if event.type is EventType.REVERSAL:
        reverse(member, event)
    else:
        member.left[event.id] = (event, holding_of(event), member.position)
        count(member, Taken(event, holding_of(event), 1, member.position))
    if event.type is EventType.ATTRIBUTE_SET:
        set_attribute(member, event)
    overriding = event.type is EventType.TIER_OVERRIDE
    put = overrule(member, event) if overriding else None
    slide(member, event)
    if member.status in RUNNING:
        cause = Cause.OVERRIDE if overriding else Cause.EVENT
        decide(member, cause, may_climb=not member.next_period, put=put)
    elif put is not None and member.status is Status.FROZEN:  # shown when it ends
        member.joined = True
        enter(member, put, judgement(member, hold_ended=False))


def count(member: Standing, taken: Taken) -> None:
    """Enter `taken` in every tally."""
    member.taken.append(taken)
    for tally in member.tallies:
        enter_in(member, tally, taken)


def enter_in(member: Standing, tally: Tally, taken: Taken) -> None:
    """Enter `taken` in `tally`, to leave together with the event that it is, or is a share of."""
    event = taken.event
    if event.type is EventType.ATTRIBUTE_SET:
        if tally.measure == Measure(MeasureKind.ATTRIBUTE, event.attribute):
            tally.enter(Entry(NEVER, taken.origin, attribute_units(event.value), 0))
        return
    amount, orders = contribution(tally.measure, event, taken.part, member.program.currency)
    if amount or orders:
        until = member.span(tally.window, event.occurred_at)[1]
        tally.enter(Entry(until, taken.origin, taken.sign * amount, taken.sign * orders))


def reverse(member: Standing, reversal: Event) -> None:
    """Undo a share of an earlier event, and end the hold that would not have begun without it."""
    if not reversal.reverses or reversal.reverses not in member.left:
        raise UnacceptableReversalError(f"it reverses an unknown event {reversal.reverses!r}")
    event, left, origin = member.left[reversal.reverses]
    share = share_of(event, left, reversal)
    member.left[reversal.reverses] = (event, left.less(share), origin)
    count(member, Taken(event, share, -1, origin))
    if member.merit is None or member.grace_until != NEVER or member.expiration.type is ExpirationType.IMMEDIATE:
        return
    if member.downgrade.on_reversal is OnReversal.IGNORE or is_earned(member, member.merit):
        return
    at_once = member.downgrade.on_reversal is OnReversal.RECHECK
    _, day_end = member.calendar.enclosing(reversal.occurred_at, CalendarUnit.DAY)
    end = reversal.occurred_at if at_once else day_end
    if end < member.expires_at:
        member.expires_at, member.undone = end, at_once


def is_earned(member: Standing, merit: Merit) -> bool:
    """Whether the judgement that lifted or renewed the member would do so without what was reversed since."""
    if merit.criteria:
        return holds(merit.criteria, lambda measure, window: member.read(measure, window, merit.judged))
    return member.qualified(merit.judged) >= member.tier


def set_attribute(member: Standing, event: Event) -> None:
    """Take over an attribute's new value, and the end of the hold that it may give."""
    member.attributes[event.attribute] = event.value
    rule = member.expiration
    if rule.type is ExpirationType.ATTRIBUTE and rule.attribute == event.attribute:
        member.expires_at = member.given_date(rule)
        if member.expires_at > event.occurred_at:
            member.grace_until = NEVER


def overrule(member: Standing, event: Event) -> int | None:
    """Put a person's decision in force; answers the tier of one that is only for `once`.

    A decision that has already ended only ends the one before it; one for an unknown tier does nothing.
    """
    tier = next((i for i, tier in enumerate(member.program.ladder) if event.tier in (tier.name, tier.key)), None)
    if tier is None or event.mode is OverrideMode.ONCE:
        return tier
    until = NEVER if event.until is None else event.until
    mode = event.mode or OverrideMode.FIXED
    ended = until <= event.occurred_at
    member.override = None if ended else Override(mode, member.program.ladder[tier].key, until)
    return None


def slide(member: Standing, event: Event) -> None:
    """Push a sliding hold on, if `event` is an activity that does."""
    rule = member.expiration
    if rule.type is not ExpirationType.SLIDING or member.grace_until != NEVER:
        return
    names = {
        EventType.POINTS_EARNED: "earning",
        EventType.ORDER_PLACED: "earning",
        EventType.POINTS_SPENT: "spending",
        EventType.ACTIVITY: event.activity,
    }
    if names.get(event.type) in rule.activities and member.expires_at > event.occurred_at:
        member.expires_at = max(member.expires_at, member.hold_from(event.occurred_at, None))
