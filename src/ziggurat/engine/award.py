"""How the amount of an event that crosses a threshold divides between two tiers (docs/rules.md, "Award")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ziggurat.engine.measures import contribution
from ziggurat.program.amounts import ceil_units
from ziggurat.program.events import Event
from ziggurat.program.model import Award, MeasureKind, Program
from ziggurat.program.reversals import holding_of


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an event's points and amount (ten-thousandths, None where it has none) that falls to `tier`."""

    tier: int
    points: int | None
    amount: int | None


def award_shares(program: Program, event: Event, before: int, after: int, value_after: int) -> tuple[Share, ...]:
    """The shares of `event`, lowest tier first; together exactly the event's amounts.

    Args:
        program: the program in force at the event.
        event: what lifted the member.
        before: the tier before it, as an index into the ladder (-1: none).
        after: the tier after it.
        value_after: the program's measure right after the event, in ten-thousandths.

    Who joins was in the base tier until the event's own decision. With `split`, what was missing to a threshold falls
    to the tier below it; a tier without a threshold on the program's measure is reached by the event as a whole, so
    nothing of the event falls to it.
    """
    before = max(before, 0 if program.base_tier else -1)
    if after <= before or program.award is Award.BEFORE:
        return (Share(min(before, after), event.points, event.amount),)
    if program.award is Award.AFTER:
        return (Share(after, event.points, event.amount),)
    added = _added(program, event)
    places = [before, *range(before + 1, after + 1)]
    ends = [_reached_after(program, tier, value_after - added, added) for tier in places[1:]]
    for index in range(len(ends) - 2, -1, -1):  # a lower tier never begins after a higher one
        ends[index] = min(ends[index], ends[index + 1])
    points = _divided(event.points, ends, added)
    amounts = _divided(event.amount, ends, added)
    shares = [Share(*share) for share in zip(places, points, amounts, strict=True)]
    told = tuple(share for share in shares if share.points or share.amount)
    return told or (Share(after, event.points, event.amount),)


def _added(program: Program, event: Event) -> int:
    """What the event adds to the program's measure; 0 where parts of it say nothing."""
    if program.qualification.measure.kind in (MeasureKind.ATTRIBUTE, MeasureKind.AVERAGE_ORDER_VALUE):
        return 0
    amount, _ = contribution(program.qualification.measure, event, holding_of(event), program.currency)
    return max(amount, 0)


def _reached_after(program: Program, tier: int, value_before: int, added: int) -> int:
    """How much of what is added it takes to reach `tier`: between nothing and all."""
    start = program.ladder[tier].start
    if program.base_tier is not None and tier == 0:
        return 0
    if start is None:
        return added
    return min(max(ceil_units(start) - value_before, 0), added)


def _divided(whole: int | None, ends: Sequence[int], added: int) -> list[int | None]:
    """`whole` cut at `ends` out of `added`, rounded towards zero; what is over falls to the last."""
    if whole is None:
        return [None] * (len(ends) + 1)
    size = abs(whole)
    sign = 1 if whole >= 0 else -1
    cuts = [0, *(size * end // added if added else size for end in ends), size]
    return [sign * (end - start) for start, end in pairwise(cuts)]
