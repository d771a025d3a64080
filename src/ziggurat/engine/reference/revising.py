"""What a revision does to a member when it takes effect (docs/rules.md, "Revisions" and "Status")."""

from __future__ import annotations

from dataclasses import replace
from math import floor

from ziggurat.engine.reference.deciding import decide, enter
from ziggurat.engine.reference.happening import enter_in
from ziggurat.engine.reference.showing import show
from ziggurat.engine.reference.standing import RUNNING, Standing, index_of
from ziggurat.engine.reference.tally import Judgement
from ziggurat.engine.requirements import readings_of
from ziggurat.engine.timeline import Cause
from ziggurat.program.calendar import NEVER, calendar
from ziggurat.program.model import (
    Activation,
    ExpirationType,
    Program,
    Revision,
    Status,
    Tier,
)


def take_effect(member: Standing, revision: Revision, *, coincides: bool) -> None:
    """Put `revision` in force; `coincides` says that something else falls due at the same instant."""
    first, idle = member.revision is None, member.status not in RUNNING
    rules_stay = not first and revision.program.rules == member.program.rules
    member.revision = revision
    if rules_stay:
        member.program = revision.program
    else:
        adopt(member, revision.program)
    if not idle and member.status not in RUNNING:
        member.idle_since = member.now
    if member.position < 0 or member.status is Status.FROZEN:
        return
    judged = Judgement(member.now, NEVER, member.position, member.entry)
    if member.status not in RUNNING:
        show(member, Cause.REVISION, judged, renewed=False)
        return
    if not first and not rules_stay and revision.activation is not Activation.AT_NEXT_DECISION:
        replace_all = revision.activation is Activation.REEVALUATE
        decide(member, Cause.REVISION, may_climb=True, replace_all=replace_all)
        return
    began = period_began(member, member.idle_since if idle else member.now)
    fell_due = coincides or (idle and began) or member.next_due() <= member.now
    if first or rules_stay or fell_due or not member.joined:
        decide(member, Cause.REVISION, may_climb=began or not member.next_period)
    else:
        show(member, Cause.REVISION, judged, renewed=False)


def period_began(member: Standing, since: int) -> bool:
    """Whether qualifications wait for periods, and one began at `since` or later while she was a member."""
    return member.next_period and member.enrolled < member.period_start(member.window) >= since


def adopt(member: Standing, program: Program) -> None:
    """Go over to another program: its measures over all that happened, its ladder, its holds."""
    before, member.program = member.program.ladder, program
    member.calendar, member.periods = calendar(program.time_zone), {}
    member.tallies = [member.new_tally(measure, window) for measure, window in readings_of(program)]
    for tally in member.tallies:
        for taken in member.taken:
            enter_in(member, tally, taken)
    member.merit, member.undone = None, False
    if member.override:
        kept, _ = moved(member, before, index_of(before, member.override.tier))
        member.override = replace(member.override, tier=program.ladder[kept].key) if kept >= 0 else None
    if member.shown_name:
        place = floor(member.shown)
        shown, stays = moved(member, before, place)
        member.shown = shown if stays and place == member.shown else shown + 0.5
    if not member.joined:
        return
    member.tier, stays = moved(member, before, member.tier)
    if not stays:
        enter(member, member.tier, Judgement(member.now, NEVER, member.position, member.entry))
    elif member.expiration.type in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
        member.expires_at = NEVER
    elif member.expiration.type is ExpirationType.ATTRIBUTE or (
        member.expires_at == NEVER and member.grace_until == NEVER
    ):
        member.expires_at = member.hold_from(member.now, None)


def moved(member: Standing, before: tuple[Tier, ...], index: int) -> tuple[int, bool]:
    """Where tier `index` of the ladder `before` is now, and whether it is the same tier.

    The members of a retired tier are in the next lower one that is still there.
    """
    for place in range(index, -1, -1):
        now = index_of(member.program.ladder, before[place].key)
        if now >= 0:
            return now, place == index
    return member.lowest, index < 0 and member.lowest < 0
