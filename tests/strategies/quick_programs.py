"""Programs of every kind, made fast: the seeded twin of `programs`, on thresholds and periods that histories meet.

Whatever a `Dice` says, the program is one that a document could say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from whenever import Date

from tests.strategies.dice import Dice
from tests.strategies.programs import ACTIVITIES, ATTRIBUTES, SLIDING_ACTIVITIES
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.model import (
    Anniversary,
    Applies,
    AtLeast,
    CalendarWindow,
    Check,
    Condition,
    CycleWindow,
    Downgrade,
    DowngradeType,
    Expiration,
    ExpirationType,
    Grace,
    LeapDay,
    Lifetime,
    Measure,
    MeasureKind,
    Not,
    OnReversal,
    Program,
    Qualification,
    Renewal,
    RenewalType,
    Requirement,
    Rolling,
    SinceTierEntry,
    Tier,
    Window,
    YearDay,
)
from ziggurat.program.read_rules import EVERY_UNITS
from ziggurat.program.read_windows import LIFETIME_ONLY, ROUNDING_UNITS

ZONES = (
    "UTC",
    "Europe/Paris",
    "America/Juneau",
    "Asia/Kathmandu",
    "Pacific/Apia",  # skipped a whole day
    "America/St_Johns",  # set clocks back over midnight
    "America/Sao_Paulo",  # changed clocks at midnight
    "Australia/Lord_Howe",  # changes by half an hour
)
LONGER = tuple(
    Period(count, unit)
    for count, unit in [
        (1, Unit.MONTHS),
        (1, Unit.YEARS),
        (12, Unit.MONTHS),
        (3, Unit.MONTHS),
        (6, Unit.MONTHS),
        (30, Unit.DAYS),
        (10, Unit.DAYS),
        (2, Unit.WEEKS),
        (7, Unit.MONTHS),
        (1, Unit.WEEKS),
        (1, Unit.DAYS),
        (2, Unit.DAYS),
    ]
)
PERIODS = (*LONGER, Period(24, Unit.HOURS), Period(36, Unit.HOURS), Period(1, Unit.HOURS))
ANCHORS = (Date(2024, 1, 1), Date(2023, 12, 31), Date(2024, 2, 29), Date(2025, 3, 30), Date(2009, 8, 15))
STEPS = tuple(map(Decimal, ("100", "100", "1", "1", "0.5", "0.0001", "0.00003", "0.000000000001")))
KINDS = (
    MeasureKind.POINTS_EARNED,
    MeasureKind.POINTS_EARNED,
    MeasureKind.POINTS_EARNED,
    MeasureKind.SPEND,
    MeasureKind.SPEND,
    *MeasureKind,
)
YEAR_DAYS = (
    YearDay(12, 31),
    YearDay(6, 30),
    YearDay(2, 28),
    YearDay(2, 29, LeapDay.FEBRUARY_28),
    YearDay(2, 29, LeapDay.MARCH_1),
    YearDay(10, 15),
    YearDay(3, 30),
)


def make_program(dice: Dice, like: Program | None = None) -> Program:
    """A program; `like` an earlier revision, some of its parts, above all its tiers, stay."""
    own = like.qualification if like and dice.chance(60) else make_qualification(dice)
    step = dice.pick(STEPS)
    tiers = make_tiers(dice, own, step)
    if dice.chance(25):
        tiers = tuple(replace(tier, id=f"id {tier.name}") for tier in tiers)
    base = Tier("Base") if dice.chance(60) else None
    zone = dice.pick(ZONES)
    if like:
        tiers = _evolved(dice, like.tiers, own, step) if dice.chance(85) else tiers
        base = like.base_tier if dice.chance(85) else Tier("Ground") if base and dice.chance(30) else base
        zone = like.time_zone if dice.chance(85) else zone
    return Program(
        "Program",
        own,
        tiers,
        base,
        time_zone=zone,
        currency=dice.pick(["", "", "EUR"]),
        expiration=like.expiration if like and dice.chance(60) else make_expiration(dice),
        renewal=like.renewal if like and dice.chance(60) else make_renewal(dice, own, step),
        downgrade=like.downgrade if like and dice.chance(60) else make_downgrade(dice),
    )


def make_plain_program(dice: Dice) -> Program:
    """A program of one sum without requirements, as most are; every other one holds what is reached at once."""
    held = dice.chance(50)
    kinds = [kind for kind in KINDS if kind not in (MeasureKind.AVERAGE_ORDER_VALUE, MeasureKind.ATTRIBUTE)]
    kind = dice.pick(kinds)
    measure = Measure(kind, ACTIVITIES[0] if kind is MeasureKind.ACTIVITY else "")
    window = make_window(dice, measure)
    own = Qualification(measure, window)
    if held and not isinstance(window, Rolling | Lifetime):
        own = Qualification(measure, Lifetime() if measure.kind in LIFETIME_ONLY else Rolling(dice.pick(PERIODS)))
    elif not held and isinstance(window, CalendarWindow | CycleWindow | Anniversary):
        own = Qualification(measure, window, dice.pick(list(Applies)), dice.pick([None, None, 1]))
    base = Tier("Base") if dice.chance(60) else None

    def rules() -> dict[str, Any]:
        return {
            "expiration": _plain_expiration(dice, held),
            "renewal": Renewal(
                dice.pick([RenewalType.REQUALIFY, RenewalType.REQUALIFY, RenewalType.ALWAYS]),
                None,
                dice.pick(PERIODS) if dice.chance(20) else None,
            ),
            "downgrade": _plain_downgrade(dice, held),
        }

    tiers = [
        replace(tier, requires=None, below=None, **(rules() if dice.chance(15) else {}))
        for tier in make_tiers(dice, own, dice.pick(STEPS), rich=False)
    ]
    return Program("Program", own, tuple(tiers), base, time_zone=dice.pick(ZONES), **rules())


def _plain_expiration(dice: Dice, held: bool) -> Expiration:
    while True:
        expiration = make_expiration(dice)
        by_event = expiration.type in (ExpirationType.SLIDING, ExpirationType.ATTRIBUTE)
        if not by_event and not (held and expiration.type is ExpirationType.IMMEDIATE):
            return expiration


def _plain_downgrade(dice: Dice, held: bool) -> Downgrade:
    downgrade = make_downgrade(dice)
    return (
        replace(downgrade, type=DowngradeType.SINGLE_LEVEL)
        if held and downgrade.type is DowngradeType.TO_BASE
        else downgrade
    )


def _evolved(dice: Dice, before: Sequence[Tier], own: Qualification, step: Decimal) -> tuple[Tier, ...]:
    """The tiers `before` with some retired, inserted, reordered or renamed, on new thresholds that rise."""
    names, ids = [tier.name for tier in before], {tier.name: tier.id for tier in before}
    if len(names) > 1 and dice.chance(40):
        names.pop(dice.integer(0, len(names) - 1))
    if dice.chance(40):
        fresh = next(name for name in ("New", "Newer", "Newest") if name not in names)
        names.insert(dice.integer(0, len(names)), fresh)
    if len(names) > 1 and dice.chance(25):
        names.append(names.pop(0))
    # A renamed tier is the same where it has an id, and another where it has none.
    words = {name: f"{name}'" if f"{name}'" not in names and dice.chance(15) else name for name in names}
    tiers = make_tiers(dice, own, step, names)
    return tuple(replace(tier, name=words[tier.name], id=ids.get(tier.name, "")) for tier in tiers)


def make_measure(dice: Dice) -> Measure:
    kind = dice.pick(KINDS)
    names = {MeasureKind.ACTIVITY: ACTIVITIES, MeasureKind.ATTRIBUTE: ATTRIBUTES}.get(kind)
    return Measure(kind, dice.pick(names) if names else "")


def make_window(dice: Dice, measure: Measure) -> Window:
    if measure.kind in LIFETIME_ONLY:
        return Lifetime()
    kind = dice.integer(0, 9)
    if kind in (1, 2, 3, 4):
        return Rolling(dice.pick(PERIODS))
    if kind in (5, 6):
        return CalendarWindow(dice.pick(list(CalendarUnit)[::-1]))
    if kind == 7:
        return CycleWindow(dice.pick(LONGER), dice.pick(ANCHORS))
    if kind == 8:
        return Anniversary(dice.pick(LONGER), dice.pick([None, None, *ROUNDING_UNITS]))
    return SinceTierEntry() if kind == 9 else Lifetime()


def make_qualification(dice: Dice) -> Qualification:
    measure = make_measure(dice)
    window = make_window(dice, measure)
    periodic = isinstance(window, CalendarWindow | CycleWindow | Anniversary)
    applies = Applies.NEXT_PERIOD if periodic and dice.chance(40) else Applies.IMMEDIATELY
    return Qualification(measure, window, applies, dice.integer(1, 2) if dice.chance(15) else None)


def make_condition(dice: Dice, own: Qualification, step: Decimal) -> Condition:
    measure, window = own.measure, own.window
    if dice.chance(70):
        measure = make_measure(dice)
        window = make_window(dice, measure)
    start = Decimal(dice.integer(0, 8)) * step
    if dice.chance(20):
        return Condition(measure, window, None, start + step)
    return Condition(measure, window, start, start + 3 * step if dice.chance(20) else None)


def make_requirement(dice: Dice, own: Qualification, step: Decimal, levels: int = 2) -> Requirement:
    if levels == 0 or dice.chance(50):
        return make_condition(dice, own, step)
    if dice.chance(25):
        return Not(make_requirement(dice, own, step, levels - 1))
    parts = tuple(make_requirement(dice, own, step, levels - 1) for _ in range(dice.integer(1, 3)))
    return AtLeast(dice.integer(1, len(parts)), parts)


def make_expiration(dice: Dice) -> Expiration:
    kind = dice.pick([ExpirationType.IMMEDIATE] * 3 + [ExpirationType.FIXED_DURATION, *ExpirationType])
    if kind in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
        return Expiration(kind)
    fields: dict[str, Any] = {
        "round_up": dice.pick(ROUNDING_UNITS) if dice.chance(35) else None,
        "check": dice.pick(list(Check)) if dice.chance(35) else Check.AT_INSTANT,
    }
    if kind in (ExpirationType.CALENDAR, ExpirationType.ANNIVERSARY):
        fields["occurrence"] = dice.pick([1, 1, 2, 2, 3])
        fields["minimum"] = dice.pick(PERIODS) if dice.chance(25) else None
    match kind:
        case ExpirationType.FIXED_DURATION:
            fields["period"] = dice.pick(PERIODS)
        case ExpirationType.SLIDING:
            fields["period"] = dice.pick(PERIODS)
            fields["activities"] = tuple(dict.fromkeys(dice.pick(SLIDING_ACTIVITIES) for _ in range(2)))
        case ExpirationType.ANNIVERSARY:
            fields["period"] = dice.pick(LONGER)
        case ExpirationType.ATTRIBUTE:
            fields["attribute"] = dice.pick(ATTRIBUTES[::-1])
        case _ if dice.chance(50):
            fields["every"] = dice.pick(EVERY_UNITS)
        case _:
            days = {(day.month, day.day): day for day in (dice.pick(YEAR_DAYS) for _ in range(dice.integer(1, 3)))}
            fields["dates"] = tuple(days.values())
    return Expiration(kind, **fields)


def make_renewal(dice: Dice, own: Qualification, step: Decimal) -> Renewal:
    kind = dice.pick([RenewalType.REQUALIFY] * 4 + [*RenewalType])
    criteria = make_requirement(dice, own, step, 1) if kind is RenewalType.CRITERIA else None
    return Renewal(kind, criteria, dice.pick(PERIODS) if dice.chance(20) else None)


def make_downgrade(dice: Dice) -> Downgrade:
    grace = Grace(dice.pick(PERIODS), dice.chance(40)) if dice.chance(40) else None
    kind = dice.pick([*DowngradeType, DowngradeType.TO_QUALIFIED, DowngradeType.SINGLE_LEVEL])
    return Downgrade(kind, grace, dice.pick([*OnReversal, OnReversal.RECHECK]))


def make_tiers(
    dice: Dice, own: Qualification, step: Decimal, names: Sequence[str] = (), *, rich: bool | None = None
) -> tuple[Tier, ...]:
    """Tiers with rising thresholds, some capped with and without gaps, some with requirements and own rules."""
    names = names or [f"T{index}" for index in range(1, dice.integer(1, 4) + 1)]
    rich = dice.chance(40) if rich is None else rich
    start, tiers = dice.integer(-1, 3), []
    for name in names:
        rules: dict[str, Any] = {"start": start * step}
        after = start + dice.integer(1, 5)
        if rich:
            if dice.chance(35):
                rules["requires"] = make_requirement(dice, own, step)
                if dice.chance(40):
                    rules["start"] = None
            if dice.chance(20):
                rules["below"] = (start + dice.integer(1, after - start)) * step
            if dice.chance(15):
                rules["expiration"] = make_expiration(dice)
            if dice.chance(15):
                rules["renewal"] = make_renewal(dice, own, step)
            if dice.chance(15):
                rules["downgrade"] = make_downgrade(dice)
        tiers.append(Tier(name, **rules))
        start = after
    return tuple(tiers)
