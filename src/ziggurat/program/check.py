"""What is odd about a program that is valid: `ziggurat check` and the API say so before anybody is moved by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ziggurat.errors import Fault
from ziggurat.program.model import (
    Anniversary,
    AtLeast,
    CalendarWindow,
    Condition,
    CycleWindow,
    DowngradeType,
    ExpirationType,
    Expression,
    MeasureKind,
    Not,
    Program,
    Renewal,
    RenewalType,
    Requirement,
    Tier,
)
from ziggurat.program.paths import child_path
from ziggurat.program.phrases import (
    downgrade_phrase,
    expiration_phrase,
    number_phrase,
    renewal_phrase,
    requirement_phrase,
    tier_phrase,
)

NEVER_NEGATIVE = frozenset({MeasureKind.ORDERS, MeasureKind.ACTIVITY})
"""Measures that only count what is there: nothing of it is zero, never less."""
_PERIODIC = (CalendarWindow, CycleWindow, Anniversary)


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One tier as `check` lists it: its bounds in plain decimal text ("" where open), the rest in short English."""

    name: str
    start: str
    below: str
    requires: str
    reached_by: str
    hold: str
    keep: str
    fall: str


def ladder_rows(program: Program) -> list[LadderRow]:
    """Every tier of `program`, lowest first, with what the program's rules and its own come to."""
    own = program.qualification
    rows = []
    for tier in program.ladder:
        is_base = tier is program.base_tier
        rows.append(
            LadderRow(
                name=tier.name,
                start="" if tier.start is None else f"{tier.start:f}",
                below="" if tier.below is None else f"{tier.below:f}",
                requires=requirement_phrase(tier.requires, own) if tier.requires else "",
                reached_by=tier_phrase(tier, own),
                hold="" if is_base else expiration_phrase(program.expiration_of(tier)),
                keep="" if is_base or not _is_held(program, tier) else renewal_phrase(program.renewal_of(tier), own),
                fall="" if is_base else downgrade_phrase(program.downgrade_of(tier)),
            )
        )
    return rows


def warnings(program: Program) -> list[Fault]:
    """What `program` says that it can hardly mean; each with its path, what follows from it, and a remedy."""
    return [
        *_rule_warnings(program),
        *(fault for index, tier in enumerate(program.tiers) for fault in _tier_warnings(program, index, tier)),
        *_gaps(program),
        *_unreachable(program),
    ]


# --- rules


def _rule_warnings(program: Program) -> Iterator[Fault]:
    if program.base_tier is None:
        remedy = "name a base_tier, or mean it"
        yield Fault("base_tier", f"is left out: below {program.tiers[0].name} a member has no tier", remedy)
    users = [tier for tier in program.tiers if tier.renewal is None]
    if not program.tiers:
        yield Fault("tiers", f"is empty: everybody stays in {program.ladder[0].name}", "list the tiers to be reached")
        return
    if users:
        yield from _renewal_warnings(program, "renewal", program.renewal, users)
    elif program.renewal != Renewal():
        yield Fault("renewal", "is never used: every tier has its own", "take it out")
    if all(tier.expiration for tier in program.tiers) and program.expiration.type is not ExpirationType.IMMEDIATE:
        yield Fault("expiration", "is never used: every tier has its own", "take it out")
    fallers = [tier for tier in program.tiers if tier.downgrade is None]
    if fallers:
        yield from _downgrade_warnings(program, "downgrade", fallers)


def _tier_warnings(program: Program, index: int, tier: Tier) -> Iterator[Fault]:
    path = child_path("tiers", index)
    if tier.renewal:
        yield from _renewal_warnings(program, child_path(path, "renewal"), tier.renewal, [tier])
    if tier.downgrade:
        yield from _downgrade_warnings(program, child_path(path, "downgrade"), [tier])
    is_given = program.qualification.measure.kind is MeasureKind.ATTRIBUTE
    if tier.start is not None and tier.start <= 0 and tier.requires is None and not is_given:
        shadowed = f" and {program.base_tier.name} is never seen" if program.base_tier else ""
        yield Fault(
            child_path(path, "from"),
            f"is {number_phrase(tier.start)}, which a new member has{shadowed}",
            "start above zero, or make it the base_tier",
        )


def _renewal_warnings(program: Program, path: str, renewal: Renewal, tiers: list[Tier]) -> Iterator[Fault]:
    if renewal != Renewal() and not any(_is_held(program, tier) for tier in tiers):
        kinds = sorted({str(program.expiration_of(tier).type) for tier in tiers})
        yield Fault(
            path,
            f"is never asked: with expiration {' or '.join(kinds)} no hold ends",
            "give the tier an expiration that ends, or take the renewal out",
        )
    elif renewal.type is RenewalType.ALWAYS:
        yield Fault(path, "always renews: nobody ever falls when a hold ends", "write expiration: never, or criteria")
    elif renewal.criteria and _always_holds(renewal.criteria):
        yield Fault(
            child_path(path, "criteria"),
            "always hold: nobody ever falls when a hold ends",
            "ask for more than a member without any events has",
        )
    elif renewal.criteria and any(_is_kept_by_qualifying(program, tier) for tier in tiers):
        yield Fault(
            child_path(path, "criteria"),
            "do not end a tier that is still qualified for: downgrade to_qualified then holds it anew",
            "fall single_level or to_base, or ask for less than entering does",
        )


def _downgrade_warnings(program: Program, path: str, tiers: list[Tier]) -> Iterator[Fault]:
    downgrade = program.downgrade_of(tiers[0])
    if downgrade.type is DowngradeType.NEVER and downgrade.grace:
        yield Fault(child_path(path, "grace_period"), "is never waited out: nobody falls", "take it out")
    not_held = [tier for tier in tiers if program.expiration_of(tier).type is ExpirationType.IMMEDIATE]
    steps = downgrade.type is DowngradeType.SINGLE_LEVEL and downgrade.grace is None
    steps_to_bottom = 1 if program.base_tier else 0
    if steps and any(program.ladder.index(tier) > steps_to_bottom for tier in not_held):
        yield Fault(
            path,
            "falls one tier a decision while tiers are not held: each next event or period moves the member again",
            "hold the tiers with an expiration, add a grace_period, or fall to_qualified",
        )


def _is_kept_by_qualifying(program: Program, tier: Tier) -> bool:
    """Whether a member may fail the criteria of `tier`, still qualify for it, and therefore stay."""
    criteria, own = program.renewal_of(tier).criteria, program.qualification
    if criteria is None or not _is_held(program, tier):
        return False
    if program.downgrade_of(tier).type is not DowngradeType.TO_QUALIFIED or isinstance(own.window, _PERIODIC):
        return False  # a period that just began leaves nothing to qualify with
    entered = Condition(own.measure, own.window, tier.start, tier.below)
    return not _implied(criteria, entered) and not (tier.requires and _implied(criteria, tier.requires))


def _is_held(program: Program, tier: Tier) -> bool:
    """Whether `tier` is held to an end, at which something keeps it or not."""
    return program.expiration_of(tier).type not in (ExpirationType.IMMEDIATE, ExpirationType.NEVER)


# --- ladder


def _gaps(program: Program) -> Iterator[Fault]:
    """Values above a capped tier at which no tier starts: a member who does better loses the tier."""
    for index, tier in enumerate(program.tiers):
        if tier.below is None:
            continue
        path = child_path(child_path("tiers", index), "below")
        above = [other for other in program.tiers[index + 1 :] if other.start is not None]
        lower = [other for other in program.tiers[:index] if _covers_above(other, tier)]
        falls_to = lower[-1].name if lower else program.base_tier.name if program.base_tier else "no tier"
        cap = number_phrase(tier.below)
        if not above:
            yield Fault(path, f"caps the ladder: from {cap} a member qualifies for {falls_to}", "leave it out")
        elif above[0].start is not None and above[0].start > tier.below:
            yield Fault(
                path,
                f"leaves a gap: from {cap} to {number_phrase(above[0].start)} a member qualifies for {falls_to}",
                f"write below: {above[0].start:f}, or leave it out",
            )


def _covers_above(lower: Tier, capped: Tier) -> bool:
    """Whether `lower` still holds where `capped` has ended."""
    if capped.below is None or lower.requires is not None:
        return False
    return lower.below is None or lower.below > capped.below


def _unreachable(program: Program) -> Iterator[Fault]:
    own = program.qualification
    for index, tier in enumerate(program.tiers):
        path = child_path("tiers", index)
        if own.measure.kind in NEVER_NEGATIVE and tier.below is not None and tier.below <= 0:
            yield Fault(child_path(path, "below"), "can never be met: the measure is never negative", "raise it")
        elif tier.requires and _never_holds(tier.requires):
            yield Fault(child_path(path, "requires"), "can never hold: nobody reaches the tier", "loosen it")
        elif hider := _hidden_by(program, index):
            yield Fault(
                path,
                f"is never the highest: {hider.name} stands above it and is reached whenever it is",
                "list the tiers lowest first, or ask more of the higher one",
            )


def _hidden_by(program: Program, index: int) -> Tier | None:
    """A higher tier that everybody who qualifies for this one qualifies for too."""
    if program.qualification.max_steps:
        return None  # climbing passes through it
    tier = program.tiers[index]
    for other in program.tiers[index + 1 :]:
        bounded = other.start is not None and (tier.start is None or other.start > tier.start)
        capped = other.below is not None and (tier.below is None or tier.below > other.below)
        if not bounded and not capped and (other.requires is None or _implied(other.requires, tier.requires)):
            return other
    return None


def _implied(weaker: Requirement, stronger: Requirement | None) -> bool:
    """Whether `weaker` surely holds when `stronger` does; False where it is not plain to see."""
    if weaker == stronger or _always_holds(weaker):
        return True
    match weaker, stronger:
        case Condition(), Condition() if (weaker.measure, weaker.window) == (stronger.measure, stronger.window):
            starts = weaker.start is None or (stronger.start is not None and stronger.start >= weaker.start)
            ends = weaker.below is None or (stronger.below is not None and stronger.below <= weaker.below)
            return starts and ends
        case _, AtLeast(count, parts) if count == len(parts):
            return any(_implied(weaker, part) for part in parts)
    return False


def _always_holds(requirement: Requirement) -> bool:
    """Whether `requirement` holds of everybody; False where it is not plain to see."""
    match requirement:
        case Condition(measure, _, start, below):
            return below is None and start is not None and start <= 0 and measure.kind in NEVER_NEGATIVE
        case AtLeast(count, parts):
            return sum(map(_always_holds, parts)) >= count
        case Not(part):
            return _never_holds(part)
        case Expression(tree=tree):
            return _always_holds(tree)


def _never_holds(requirement: Requirement) -> bool:
    """Whether `requirement` holds of nobody; False where it is not plain to see."""
    match requirement:
        case Condition(measure, _, _, below):
            return below is not None and below <= 0 and measure.kind in NEVER_NEGATIVE
        case AtLeast(count, parts):
            return sum(not _never_holds(part) for part in parts) < count or _is_contradiction(requirement)
        case Not(part):
            return _always_holds(part)
        case Expression(tree=tree):
            return _never_holds(tree)


def _is_contradiction(requirement: AtLeast) -> bool:
    """Whether all of it is asked for, and two conditions on the same count leave no value between them."""
    if requirement.count < len(requirement.of):
        return False
    found = [part for part in requirement.of if isinstance(part, Condition)]
    return any(
        one.start is not None
        and other.below is not None
        and (one.measure, one.window) == (other.measure, other.window)
        and one.start >= other.below
        for one in found
        for other in found
    )
