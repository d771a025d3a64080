"""What is short of the next tier, and of keeping the one that is there: every condition with its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from ziggurat.engine.outlook import fork
from ziggurat.engine.reference import follow
from ziggurat.engine.reference.deciding import judgement, keeps
from ziggurat.engine.reference.spans import PERIODIC
from ziggurat.engine.reference.standing import RUNNING, Standing, known
from ziggurat.engine.reference.tally import Judgement
from ziggurat.engine.running_tally import RunningTally
from ziggurat.program.amounts import ceil_units
from ziggurat.program.calendar import NEVER
from ziggurat.program.events import Event
from ziggurat.program.model import (
    AtLeast,
    Condition,
    DowngradeType,
    ExpirationType,
    Expression,
    Lifetime,
    Measure,
    Program,
    Qualification,
    RenewalType,
    Requirement,
    Revision,
    Status,
    Tier,
    Window,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """At least `start` of a measure over a window, and how much of it is there.

    `value` is in ten-thousandths, rounded down; `until` is when it shrinks next if nothing more happens, None if never.
    """

    measure: Measure
    window: Window
    start: Decimal
    value: int
    until: int | None

    @property
    def missing(self) -> int:
        """How much is short, in ten-thousandths."""
        return max(ceil_units(self.start) - self.value, 0)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the check at `at` reads of what has happened so far (None: there is no check, or it is at each decision).

    `until` is when the hold itself, its grace period or a person's decision ends (None: never). `is_sure` says that the
    tier is kept if nothing more happens, as far as what is there can tell.
    """

    at: int | None
    until: int | None
    is_sure: bool
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is short of `next_tier` ("" at the top), and of keeping `tier` (None where there is nothing to keep)."""

    tier: str
    next_tier: str
    climbing: tuple[Wanted, ...]
    keeping: Keeping | None


def gaps(revisions: Sequence[Revision], events: Sequence[Event], as_of: int) -> Gaps | None:
    """What one member lacks at `as_of`; None before anything has happened, or while nobody moves.

    Args:
        revisions: at least one, in the order of taking effect.
        events: the member's events in order of arrival, as far as they are to count.
        as_of: UTC microseconds; may lie after the last event.

    Raises:
        UnacceptableReversalError: a reversal of an unknown event, or of more than remains.
    """
    standing = follow(revisions, events, as_of, None, RunningTally)
    if standing.position < 0 or standing.status not in RUNNING:
        return None
    ladder = standing.program.ladder
    place = standing.visible()[0]
    following = ladder[place + 1] if place + 1 < len(ladder) else None
    now = Judgement(standing.now, NEVER, standing.position, standing.entry)
    climbing = tuple(_wanted(standing, _conditions_of(standing.program, following), now)) if following else ()
    return Gaps(
        tier=ladder[place].name if place >= 0 else "",
        next_tier=following.name if following else "",
        climbing=climbing,
        keeping=_keeping(standing, place),
    )


def lifetime_value(events: Sequence[Event], measure: Measure, currency: str, as_of: int) -> int:
    """The value of `measure` over everything up to `as_of`, in ten-thousandths, rounded down."""
    program = Program("", qualification=Qualification(measure), tiers=(), currency=currency)
    standing = follow([Revision(program)], events, as_of, None, RunningTally)
    return floor(standing.read(measure, Lifetime(), Judgement(standing.now, NEVER, standing.position, -1)))


def _keeping(standing: Standing, place: int) -> Keeping | None:
    if place <= standing.lowest or standing.status is Status.PAUSED:
        return None
    tier, masked = standing.program.ladder[place], standing.visible()[2]
    at = standing.override.until if masked and standing.override else _checked_at(standing)
    trial = fork(standing)
    if at != NEVER:
        trial.now = max(at, trial.now)
    judged = judgement(trial, hold_ended=standing.grace_until == NEVER)
    if masked:  # a person's decision: what the rules say is what is left when it ends
        asked = _conditions_of(standing.program, tier)
        is_sure = at == NEVER or trial.qualified(judged) >= place
    else:
        asked = _renewing(standing, tier)
        is_sure = _never_falls(standing, at) or keeps(trial, judged, trial.qualified(judged))
    return Keeping(known(at), known(standing.visible()[1]), is_sure, tuple(_wanted(trial, asked, judged)))


def _checked_at(standing: Standing) -> int:
    return standing.grace_until if standing.grace_until != NEVER else standing.hold_acted_on()


def _never_falls(standing: Standing, checked_at: int) -> bool:
    held = standing.expiration.type is not ExpirationType.IMMEDIATE
    return standing.downgrade.type is DowngradeType.NEVER or (held and checked_at == NEVER)


def _renewing(standing: Standing, tier: Tier) -> list[Condition]:
    """What is read of a tier that is to be kept."""
    if standing.expiration.type is not ExpirationType.IMMEDIATE:
        if standing.expiration.type is ExpirationType.NEVER:
            return []
        if standing.renewal.type is not RenewalType.REQUALIFY:
            return list(_leaves(standing.renewal.criteria))
    return _conditions_of(standing.program, tier)


def _conditions_of(program: Program, tier: Tier) -> list[Condition]:
    """Everything that `tier` asks for, its start on the program's measure first."""
    own = program.qualification
    first = [Condition(own.measure, own.window, tier.start)] if tier.start is not None else []
    return list(dict.fromkeys([*first, *_leaves(tier.requires)]))


def _leaves(requirement: Requirement | None) -> Iterator[Condition]:
    """The conditions that more of something fulfils."""
    match requirement:
        case Condition(start=start) if start is not None:
            yield requirement
        case AtLeast(of=of):
            for each in of:
                yield from _leaves(each)
        case Expression(tree=tree):
            yield from _leaves(tree)


def _wanted(standing: Standing, asked: Sequence[Condition], judged: Judgement) -> Iterator[Wanted]:
    for each in asked:
        assert each.start is not None
        value = floor(standing.read(each.measure, each.window, judged))
        yield Wanted(each.measure, each.window, each.start, value, _shrinks_at(standing, each, judged.at))


def _shrinks_at(standing: Standing, condition: Condition, at: int) -> int | None:
    if isinstance(condition.window, PERIODIC):
        return known(standing.span(condition.window, at)[1])
    own = (condition.measure, condition.window)
    tally = next(each for each in standing.tallies if (each.measure, each.window) == own)
    return known(tally.next_leave(at))
