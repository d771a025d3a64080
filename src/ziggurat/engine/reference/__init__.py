"""The definition of edition 1: what a program, its revisions and a member's events mean. Reads like docs/rules.md.

Plain Python, one member at a time, every value added up from its entries at every decision. Whatever is faster must
agree with this, without exception.
"""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat.engine.journal import Decision
from ziggurat.engine.reference.deciding import decide
from ziggurat.engine.reference.happening import take
from ziggurat.engine.reference.revising import take_effect
from ziggurat.engine.reference.showing import timeline
from ziggurat.engine.reference.spans import PERIODIC
from ziggurat.engine.reference.standing import Standing
from ziggurat.engine.reference.tally import Tally
from ziggurat.engine.timeline import Cause, Timeline
from ziggurat.program.events import Event
from ziggurat.program.model import Revision


def evaluate(
    revisions: Sequence[Revision], events: Sequence[Event], as_of: int, journal: list[Decision] | None = None
) -> Timeline:
    """The timeline of one member up to and at `as_of`.

    Args:
        revisions: at least one, in the order of taking effect.
        events: the member's events in order of arrival; those after `as_of` have not happened.
        as_of: UTC microseconds.
        journal: where to append every decision with its reasons, if anywhere.

    Raises:
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    return timeline(follow(revisions, events, as_of, journal))


def follow(
    revisions: Sequence[Revision],
    events: Sequence[Event],
    as_of: int,
    journal: list[Decision] | None = None,
    new_tally: type[Tally] = Tally,
) -> Standing:
    """Where the member of `evaluate` stands in every detail, ready for time to go on with `pass_time`.

    `new_tally` may be a faster one that answers the same.
    """
    happened = sorted((event for event in events if event.occurred_at <= as_of), key=lambda event: event.occurred_at)
    member = Standing(revisions, journal, new_tally)
    for event in happened:
        pass_time(member, event.occurred_at)
        take(member, event)
    pass_time(member, as_of)
    return member


def pass_time(member: Standing, until: int) -> None:
    """Make every decision that time brings up to and at `until`, before the events of that instant."""
    while (at := min(member.next_revision(), member.next_due())) <= until:
        tick(member, max(at, member.now))
    member.now = max(member.now, until)


def tick(member: Standing, at: int) -> None:
    """Everything that falls due at `at`, in one decision."""
    due, cause = member.next_due(), cause_at(member, at)
    member.now = at
    if member.override and member.override.until <= at:
        member.override = None
    if member.next_revision() <= at:
        take_effect(member, member.upcoming.pop(0), coincides=due <= at)
    else:
        decide(member, cause, may_climb=not member.next_period or member.period_start(member.window) == at)


def cause_at(member: Standing, at: int) -> Cause:
    """What falls due at `at`: the first that does, in the order of `Cause`."""
    if member.next_revision() <= at:
        return Cause.REVISION
    if member.override and member.override.until <= at:
        return Cause.OVERRIDE_END
    if member.grace_until <= at:
        return Cause.GRACE_END
    if member.hold_acted_on() <= at:
        return Cause.HOLD_END
    periodic = (tally.window for tally in member.tallies if isinstance(tally.window, PERIODIC))
    period_ends = any(member.span(window, member.now)[1] <= at for window in periodic)
    return Cause.PERIOD_END if period_ends else Cause.WINDOW
