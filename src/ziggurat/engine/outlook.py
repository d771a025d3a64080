"""What happens to one member if nothing more happens, and what one more event would change: by evaluating on."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from decimal import Decimal

from ziggurat import limits
from ziggurat.engine.journal import Decision
from ziggurat.engine.reference import pass_time
from ziggurat.engine.reference.happening import take
from ziggurat.engine.reference.standing import Standing
from ziggurat.engine.timeline import Kind, Transition
from ziggurat.program.amounts import SCALE, ceil_units, format_units
from ziggurat.program.calendar import NEVER, Period, Unit
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import Measure, MeasureKind

GRACE = "grace_started"
"""What a prospect is that only starts the grace period of a fall; every other is a kind of transition."""
DOWN = (Kind.DOWNGRADED, Kind.LEFT)
UP = (Kind.JOINED, Kind.UPGRADED)
_FINAL_MOVES = 3


@dataclass(frozen=True, slots=True)
class Prospect:
    """One thing that will happen if nothing more does.

    `kind` is a kind of transition or `grace_started`; `at`, `expires_at` and `grace_until` are UTC microseconds,
    `value` is what is judged then, in ten-thousandths; `reason` is the rule, as a clause.
    """

    at: int
    kind: str
    from_tier: str
    to_tier: str
    value: int
    expires_at: int | None
    grace_until: int | None
    reason: str


def fork(member: Standing) -> Standing:
    """A copy of `member` that may go its own way."""
    other = copy.copy(member)
    other.upcoming = list(member.upcoming)
    other.tallies = [tally.copy() for tally in member.tallies]
    other.taken = list(member.taken)
    other.left = dict(member.left)
    other.attributes = dict(member.attributes)
    other.transitions = list(member.transitions)
    other.journal = []
    return other


def look_ahead(member: Standing) -> tuple[list[Prospect], int | None]:
    """The next things that happen to `member` if nothing more does, and until when that was looked into.

    At most a few moves; the instant is None where all that will ever happen was seen. Moves `member` on.
    """
    found: list[Prospect] = []
    moves = 0
    horizon = _horizon(member)
    for _ in range(limits.OUTLOOK_DECISIONS_MAX):
        at = min(member.next_revision(), member.next_due())
        if at == NEVER:
            return found, None
        if at > horizon:
            return found, horizon
        if moves >= _FINAL_MOVES:
            break
        moved, grace = len(member.transitions), member.grace_until
        pass_time(member, at)
        new = member.transitions[moved:]
        if new:
            found += [_prospect(transition, member) for transition in new]
            moves += len(new)
        elif member.grace_until not in (NEVER, grace):
            found.append(_grace(member, at))
    return found, member.now


def _horizon(member: Standing) -> int:
    years = member.calendar.add(member.now, Period(limits.OUTLOOK_YEARS_MAX, Unit.YEARS))
    ends = (member.hold_acted_on(), member.grace_until, member.override.until if member.override else NEVER)
    return max([years, *(end for end in ends if end != NEVER)])


def _last(member: Standing, at: int) -> Decision | None:
    decision = member.journal[-1] if member.journal else None
    return decision if decision and decision.at == at else None


def _prospect(transition: Transition, member: Standing) -> Prospect:
    decision = _last(member, transition.at)
    return Prospect(
        at=transition.at,
        kind=str(transition.kind),
        from_tier=transition.from_tier,
        to_tier=transition.to_tier,
        value=transition.value,
        expires_at=transition.expires_at,
        grace_until=None,
        reason=decision.reason if decision else "",
    )


def _grace(member: Standing, at: int) -> Prospect:
    decision = _last(member, at)
    value = int(decision.readings[0][2] // 1) if decision else 0
    return Prospect(
        at=at,
        kind=GRACE,
        from_tier=member.shown_name,
        to_tier=member.shown_name,
        value=value,
        expires_at=member.grace_until,
        grace_until=member.grace_until,
        reason=decision.reason if decision else "",
    )


# --- trials: what one more event would change


def one_more(member: str, measure: Measure, missing: int, start: Decimal, at: int) -> list[Event]:
    """Events at `at` that add `missing` to `measure` (or set an attribute to `start`); none where no one event can."""
    match measure.kind:
        case MeasureKind.POINTS_BALANCE | MeasureKind.POINTS_EARNED | MeasureKind.POINTS_LIFETIME:
            return [Event(member, EventType.POINTS_EARNED, at, points=missing)]
        case MeasureKind.SPEND:
            return [Event(member, EventType.ORDER_PLACED, at, amount=missing)]
        case MeasureKind.ORDERS if missing <= limits.TRIAL_ORDERS_MAX * SCALE:
            return [Event(member, EventType.ORDER_PLACED, at, amount=0)] * -(-missing // SCALE)
        case MeasureKind.ACTIVITY:
            return [Event(member, EventType.ACTIVITY, at, activity=measure.name, quantity=missing)]
        case MeasureKind.ATTRIBUTE:
            value = format_units(ceil_units(start))
            return [Event(member, EventType.ATTRIBUTE_SET, at, attribute=measure.name, value=value)]
    return []


def reached_with(member: Standing, events: list[Event], index: int) -> tuple[int, int | None] | None:
    """When tier `index` or a higher one is shown, and until when, if `events` happen now; None if they do not do it.

    Only where the member comes to it without anything else: at once, or at the end of the period.
    """
    if not events:
        return None
    trial = fork(member)
    for event in events:
        take(trial, event)
    if trial.shown >= index:
        expires_at = trial.visible()[1]
        return trial.now, None if expires_at == NEVER else expires_at
    names = {tier.name for tier in member.program.ladder[index:]}
    ups = (each for each in look_ahead(trial)[0] if each.kind in UP and each.to_tier in names)
    first = next(ups, None)
    return (first.at, first.expires_at) if first else None


def kept_with(member: Standing, events: list[Event], fall: Prospect) -> bool:
    """Whether the member is still spared `fall` at its instant if `events` happen, at their instant."""
    if not events:
        return False
    trial = fork(member)
    pass_time(trial, events[0].occurred_at)
    for event in events:
        take(trial, event)
    before = len(trial.transitions)
    pass_time(trial, fall.at)
    return all(transition.kind not in DOWN for transition in trial.transitions[before:])
