"""What the world sees: the tier shown, the moves recorded, and the answer at the end (docs/rules.md, "Showing")."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from ziggurat.engine.reference.standing import Standing, known
from ziggurat.engine.reference.tally import Judgement
from ziggurat.engine.timeline import Cause, Kind, State, Timeline, Transition
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import NEVER


def show(member: Standing, cause: Cause, judged: Judgement, *, renewed: bool) -> None:
    """Show where the member now is, and record the move if there is one."""
    visible, expires_at, masked = member.visible()
    name = member.program.ladder[visible].name if visible >= 0 else ""
    moved = visible != member.shown
    if moved or (renewed and not masked):
        if not member.shown_name:
            kind = Kind.JOINED
        elif visible < 0:
            kind = Kind.LEFT
        elif moved:
            kind = Kind.UPGRADED if visible > member.shown else Kind.DOWNGRADED
        else:
            kind = Kind.RENEWED
        by_event = cause in (Cause.EVENT, Cause.OVERRIDE)
        member.transitions.append(
            Transition(
                at=judged.at,
                kind=kind,
                from_tier=member.shown_name,
                to_tier=name,
                cause=cause,
                value=floor(member.read(member.program.qualification.measure, member.window, judged)),
                expires_at=known(expires_at),
                event=member.position if by_event else None,
                revision=member.revision_number,
            )
        )
        member.since = judged.at if moved else member.since
    member.shown, member.shown_name, member.shown_until = visible, name, expires_at
    member.shown_grace = NEVER if masked else member.grace_until


def timeline(member: Standing) -> Timeline:
    """The answer, as of now."""
    if member.position < 0:
        return Timeline((), None)
    index = floor(member.shown)
    ladder = member.program.ladder
    following = ladder[index + 1] if index + 1 < len(ladder) else None
    judged = Judgement(member.now, NEVER, member.position, member.entry)
    value = member.read(member.program.qualification.measure, member.window, judged)
    missing = None
    if following is not None and following.start is not None:
        missing = max(0, ceil(Fraction(following.start) * SCALE - value))
    state = State(
        tier=member.shown_name,
        index=index,
        since=member.since,
        expires_at=known(member.shown_until),
        grace_until=known(member.shown_grace),
        value=floor(value),
        next_tier=following.name if following else "",
        missing=missing,
        next_decision_at=known(min(member.next_revision(), member.next_due())),
        revision=member.revision_number,
    )
    return Timeline(tuple(member.transitions), state)
