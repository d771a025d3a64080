"""One decision: up, renewed, the start of a fall, down (docs/rules.md, "Deciding" and "Which period is judged")."""

from __future__ import annotations

from ziggurat.engine.journal import Decision
from ziggurat.engine.reference.showing import show
from ziggurat.engine.reference.standing import Merit, Standing, known
from ziggurat.engine.reference.tally import Judgement
from ziggurat.engine.requirements import holds
from ziggurat.engine.timeline import Cause
from ziggurat.program.calendar import BEGINNING, NEVER
from ziggurat.program.model import (
    DowngradeType,
    ExpirationType,
    RenewalType,
)


def decide(
    member: Standing, cause: Cause, *, may_climb: bool, put: int | None = None, replace_all: bool = False
) -> None:
    """One decision at `now`.

    Args:
        member: who.
        cause: what brought it about.
        may_climb: whether a qualification may take effect (it waits for the next period otherwise).
        put: the tier where a person puts the member, whatever the rules say.
        replace_all: whether a revision places everybody where they qualify.
    """
    if not member.joined:
        member.joined, member.tier, member.entry = True, member.lowest, -1
    before, hold_ended = member.tier, member.hold_acted_on() <= member.now
    judged = judgement(member, hold_ended=hold_ended)
    deserved = member.qualified(judged)
    renewed, reason = False, ""
    if put is not None:
        reason = "put there by a person"
        enter(member, put, judged)
        renewed = put == before and member.expiration.type is not ExpirationType.IMMEDIATE
    elif deserved > member.tier and may_climb:
        reason = "qualifies for a higher tier"
        climb(member, judged, deserved)
    elif replace_all and deserved < member.tier and member.downgrade.type is not DowngradeType.NEVER:
        reason = "placed anew by a revision"
        enter(member, deserved, judged)
    elif member.grace_until != NEVER:
        renewed, reason = in_grace(member, judged, deserved)
    elif hold_ended:
        renewed, reason = at_hold_end(member, judged, deserved)
    elif member.expiration.type is ExpirationType.IMMEDIATE and deserved < member.tier and may_climb:
        reason = "no longer qualifies, and the tier is not held"
        renewed = start_fall(member, judged, deserved)
    elif deserved != member.tier:
        reason = "waits for the next period" if deserved > member.tier else "does not qualify, but holds the tier"
    show(member, cause, judged, renewed=renewed)
    if member.journal is not None:
        member.journal.append(told(member, cause, judged, deserved, before, reason))


def climb(member: Standing, judged: Judgement, deserved: int) -> None:
    """Go up, by as many steps as one decision may."""
    steps = member.program.qualification.max_steps
    enter(member, deserved if steps is None else min(deserved, member.tier + steps), judged)
    member.merit = Merit(judged)


def in_grace(member: Standing, judged: Judgement, deserved: int) -> tuple[bool, str]:
    """While a fall waits: keeping the tier cancels it, the end of the grace period carries it out."""
    if keeps(member, judged, deserved):
        return renew(member, judged), "keeps the tier within the grace period"
    if member.grace_until <= member.now:
        return fall(member, judged, deserved), "the grace period is over"
    return False, "the fall waits out the grace period"


def at_hold_end(member: Standing, judged: Judgement, deserved: int) -> tuple[bool, str]:
    """Renew, or begin the fall."""
    if keeps(member, judged, deserved):
        return renew(member, judged), "the hold ends and the tier is kept"
    return start_fall(member, judged, deserved), "the hold ends and the tier is not kept"


def judgement(member: Standing, *, hold_ended: bool) -> Judgement:
    """How values are read now: periodic windows perhaps as they ended (docs/rules.md, "Which period is judged")."""
    ended_since = NEVER
    if member.next_period:
        ended_since = BEGINNING
    elif hold_ended and member.expiration.type in (ExpirationType.CALENDAR, ExpirationType.ANNIVERSARY):
        # A reversal comes after what time brings at its instant: the period that holds it has not ended with the hold.
        hold_end = member.expires_at + 1 if member.undone else member.expires_at
        ended_since = hold_end if member.expiration.occurrence > 1 else NEVER
    return Judgement(member.now, ended_since, member.position, member.entry)


def keeps(member: Standing, judged: Judgement, deserved: int) -> bool:
    """The renewal test."""
    if member.expiration.type is ExpirationType.IMMEDIATE or member.renewal.type is RenewalType.REQUALIFY:
        return deserved >= member.tier
    if member.renewal.criteria is None:
        return True
    return holds(member.renewal.criteria, lambda measure, window: member.read(measure, window, judged))


def enter(member: Standing, tier: int, judged: Judgement) -> None:
    """Put the member in `tier`, where a hold starts."""
    member.tier, member.entry, member.merit = tier, member.position, None
    member.grace_until, member.undone = NEVER, False
    member.expires_at = member.hold_from(judged.at, member.judged_end(judged))


def renew(member: Standing, judged: Judgement) -> bool:
    """A new hold on the same tier; whether there is one to speak of."""
    member.grace_until, rule = NEVER, member.renewal
    if member.expiration.type is ExpirationType.IMMEDIATE:
        return False
    judged_end = member.judged_end(judged)
    member.merit = None if rule.type is RenewalType.ALWAYS else Merit(judged, rule.criteria)
    member.expires_at, member.undone = member.hold_from(judged.at, judged_end), False
    if rule.extends:
        end = member.calendar.add(judged.at, rule.extends)
        rounding = member.expiration.round_up
        member.expires_at = member.calendar.round_up(end, rounding) if rounding else end
    return True


def start_fall(member: Standing, judged: Judgement, deserved: int) -> bool:
    """Begin the grace period, or fall where there is none; whether a new hold on the same tier comes of it."""
    if member.downgrade.type is DowngradeType.NEVER or member.downgrade.grace is None:
        return fall(member, judged, deserved)
    member.grace_until = member.grace_end(judged.at)
    return False


def fall(member: Standing, judged: Judgement, deserved: int) -> bool:
    """Go down as the downgrade rule says; whether a new hold on the same tier comes of it."""
    if member.downgrade.type is DowngradeType.NEVER:
        member.expires_at, member.grace_until = NEVER, NEVER
        return False
    targets = {
        DowngradeType.SINGLE_LEVEL: member.tier - 1,
        DowngradeType.TO_QUALIFIED: min(deserved, member.tier),
        DowngradeType.TO_BASE: member.lowest,
    }
    target = targets[member.downgrade.type]
    stays, entry = target == member.tier, member.entry
    enter(member, target, judged)
    if stays:  # held anew, and not left
        member.entry = entry
    if member.expiration.type is ExpirationType.IMMEDIATE and deserved < member.tier:
        start_next_fall(member, judged.at)
    return stays


def start_next_fall(member: Standing, at: int) -> None:
    """Where the tier fallen to is not held either, its grace period begins at once; without one it waits a decision."""
    if member.downgrade.type is not DowngradeType.NEVER and member.downgrade.grace:
        member.grace_until = member.grace_end(at)


def told(member: Standing, cause: Cause, judged: Judgement, deserved: int, before: int, reason: str) -> Decision:
    """The decision just made, for the journal."""
    names = ["", *(tier.name for tier in member.program.ladder)]
    return Decision(
        at=judged.at,
        cause=cause,
        event=member.position if cause in (Cause.EVENT, Cause.OVERRIDE) else None,
        readings=tuple((t.measure, t.window, member.read(t.measure, t.window, judged)) for t in member.tallies),
        ended_periods=judged.ended_since != NEVER,
        qualified=names[deserved + 1],
        before=names[before + 1],
        after=names[member.tier + 1],
        expires_at=known(member.expires_at),
        grace_until=known(member.grace_until),
        reason=reason,
    )
