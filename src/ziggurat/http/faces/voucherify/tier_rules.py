"""What reaches a tier, as the vendor says it: a closed range of points, a segment, or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ziggurat.program.model import (
    AtLeast,
    Condition,
    Lifetime,
    Measure,
    MeasureKind,
    Qualification,
    Requirement,
    Tier,
)

SEGMENT = "segment:"
"""Who is in segment S has the attribute `segment:S` at 1 or more."""
_FINEST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Rules:
    """A closed range of points, open where a bound is None, and the segment one has to be in ("": none)."""

    low: Decimal | None = None
    high: Decimal | None = None
    segment: str = ""

    def overlaps(self, other: Rules) -> bool:
        """Whether some points reach both, among tiers of one path (unknown 9 of the sheet)."""
        if self.segment != other.segment:
            return False
        starts_before = other.high is None or (self.low or 0) <= other.high
        return starts_before and (self.high is None or (other.low or 0) <= self.high)


def below_of(high: Decimal | None) -> Decimal | None:
    """The exclusive bound of a range that ends with `high`: points are whole, so the next whole number.

    >>> below_of(Decimal(499)), below_of(Decimal("499.5"))
    (Decimal('500'), Decimal('499.5001'))
    """
    if high is None:
        return None
    return high + 1 if high == high.to_integral_value() else high + _FINEST


def high_of(below: Decimal | None) -> Decimal | None:
    """The inclusive bound under `below`.

    >>> high_of(Decimal(500)), high_of(Decimal("499.5001"))
    (Decimal('499'), Decimal('499.5000'))
    """
    if below is None:
        return None
    return below - 1 if below == below.to_integral_value() else below - _FINEST


def requirement_of(
    rules: Rules, own: Qualification, start: Decimal | None, below: Decimal | None
) -> Requirement | None:
    """What is required besides the tier's own bounds."""
    parts: list[Requirement] = []
    if start is not None or below is not None:
        parts.append(Condition(own.measure, own.window, start, below))
    if rules.segment:
        attribute = Measure(MeasureKind.ATTRIBUTE, SEGMENT + rules.segment)
        parts.append(Condition(attribute, Lifetime(), Decimal(1)))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else AtLeast(len(parts), tuple(parts))


def placed(tier: Tier, rules: Rules, own: Qualification, lower: Decimal | None) -> Tier:
    """`tier` with `rules`, above tiers that start from `lower`.

    The caps of segment tiers stand in the requirement, because ranges of two paths may overlap; so does a start that
    does not rise.
    """
    below = below_of(rules.high)
    start = rules.low if lower is None or rules.low is None or rules.low > lower else None
    if not rules.segment:
        return replace(tier, start=rules.low, below=below, requires=None)
    inner = rules.low if start is None else None
    return replace(tier, start=start, below=None, requires=requirement_of(rules, own, inner, below))


def rules_of(tier: Tier, own: Qualification) -> tuple[Rules, bool]:
    """What reaches `tier`, and whether that is all of it."""
    low, below, segment, whole = tier.start, tier.below, "", True
    for part in _parts(tier.requires):
        if not isinstance(part, Condition):
            whole = False
        elif (part.measure, part.window) == (own.measure, own.window):
            low = part.start if low is None else low
            below = part.below if below is None else below
        elif part.measure.kind is MeasureKind.ATTRIBUTE and part.measure.name.startswith(SEGMENT) and not segment:
            segment = part.measure.name.removeprefix(SEGMENT)
            whole = whole and part.start == 1 and part.below is None
        else:
            whole = False
    return Rules(low, high_of(below), segment), whole


def _parts(requirement: Requirement | None) -> Iterator[Requirement]:
    if isinstance(requirement, AtLeast) and requirement.count == len(requirement.of):
        yield from requirement.of
    elif requirement is not None:
        yield requirement


def shown_rules(tiers: Sequence[Tier], own: Qualification) -> list[tuple[Rules, bool]]:
    """The rules of a whole ladder: where a tier says no cap, the next one on its path is its end."""
    found = [rules_of(tier, own) for tier in tiers]
    for index, (rules, whole) in enumerate(found):
        if rules.high is not None:
            continue
        above = (
            other.low for other, _ in found[index + 1 :] if other.segment == rules.segment and other.low is not None
        )
        nearest = next((low for low in above if low > (rules.low or 0)), None)
        found[index] = replace(rules, high=high_of(nearest)), whole
    return found


def insert(tiers: Sequence[Tier], tier: Tier, rules: Rules, own: Qualification) -> tuple[Tier, ...]:
    """The ladder with `tier`: by its minimum; at the same one, segment tiers come higher (unknown 10 of the sheet)."""
    rank = (rules.low or Decimal(0), bool(rules.segment))
    place = 0
    for index, other in enumerate(tiers):
        theirs, _ = rules_of(other, own)
        if ((theirs.low or Decimal(0)), bool(theirs.segment)) <= rank:
            place = index + 1
    lower = max((each.start for each in tiers[:place] if each.start is not None), default=None)
    return (*tiers[:place], placed(tier, rules, own, lower), *tiers[place:])
