"""What of a tier the vendor can say, both ways; pure.

A *said* eligibility or validity is the vendor's object as it was sent, with thresholds as exact text. Reading a tier of
a program gives what it would have been sent as; what cannot be said so is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from ziggurat.http.faces.capillary.expressions import with_parentheses
from ziggurat.http.faces.capillary.numbers import FACE, kept, with_settings
from ziggurat.http.faces.capillary.wire import CONDITIONS_MAX, CUSTOM, SAME_AS_ELIGIBILITY
from ziggurat.program.calendar import Period, Unit
from ziggurat.program.expressions import parse_expression
from ziggurat.program.model import (
    AtLeast,
    Award,
    Check,
    Condition,
    Expiration,
    ExpirationType,
    Expression,
    Lifetime,
    Measure,
    MeasureKind,
    Program,
    Qualification,
    Renewal,
    RenewalType,
    Requirement,
    Rolling,
    Tier,
    Window,
)
from ziggurat.program.place import Faults, Place
from ziggurat.program.read_windows import read_measure, read_window

Said = dict[str, Any]
MONTHS_OF_YEAR = 12
CANONICAL = {
    "CUMULATIVE_POINTS": "LIFETIME_POINTS",
    "CUMULATIVE_PURCHASES": "LIFETIME_PURCHASES",
    "TRACKER_VALUE_BASED": "TRACKER_VALUE",
}
"""The spellings that the vendor's reads have for its KPIs."""
MEASURES = {
    "CURRENT_POINTS": Measure(MeasureKind.POINTS_BALANCE),
    "LIFETIME_POINTS": Measure(MeasureKind.POINTS_LIFETIME),
    "LIFETIME_PURCHASES": Measure(MeasureKind.SPEND),
}
TRACKER_KPI = "TRACKER_VALUE"
AWARDS = {"LAZY": Award.BEFORE, "EAGER": Award.AFTER, "DYNAMIC": Award.SPLIT}
TYPES_OF_KPI = {
    "CURRENT_POINTS": ("POINTS", "TRACKER"),
    "LIFETIME_POINTS": ("POINTS", "TRACKER"),
    "LIFETIME_PURCHASES": ("PURCHASE", "VISITS", "TRACKER"),
    "TRACKER_VALUE": ("TRACKER",),
}
"""Which conditions go with which KPI."""
_CONDITION_MEASURES = {
    "PURCHASE": MeasureKind.SPEND,
    "VISITS": MeasureKind.ORDERS,
    "POINTS": MeasureKind.POINTS_EARNED,
}


def kpi_of(program: Program) -> str:
    """The program's KPI: whatever has no name of its own there, or was chosen as one, is a tracker."""
    own = program.qualification
    if kept(program).get("kpiType") == TRACKER_KPI:
        return TRACKER_KPI
    if isinstance(own.window, Lifetime):
        if own.measure.kind is MeasureKind.POINTS_EARNED:
            return "LIFETIME_POINTS"
        for kpi, measure in MEASURES.items():
            if own.measure == measure:
                return kpi
    return TRACKER_KPI


def upgrade_type_of(program: Program) -> str:
    """How an event that crosses a threshold is awarded."""
    return next(name for name, award in AWARDS.items() if award is program.award)


def number_text(number: Decimal) -> str:
    """The shortest text of a number.

    >>> number_text(Decimal("80000.0")), number_text(Decimal("1E+3"))
    ('80000', '1000')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- trackers: program-wide definitions in the face's own metadata


def tracker_window(program: Program, tracker: Any, case: Any) -> tuple[Measure, Window] | None:
    """What a tracker counts in one of its cases; None when there is no such."""
    for each in _list(kept(program).get("trackers")):
        if each.get("trackerId") != tracker:
            continue
        for one in _list(each.get("cases")):
            if one.get("trackerCondition") == case:
                faults = Faults()
                measure = read_measure(Place(each.get("measure"), "", faults))
                window = read_window(Place(one.get("window", "lifetime"), "", faults))
                return (measure, window) if measure and window else None
    return None


def tracker_said(program: Program, counted: tuple[Measure, Window]) -> Said | None:
    """The tracker, and its case, that counts that; None when the program has none."""
    for each in _list(kept(program).get("trackers")):
        for one in _list(each.get("cases")):
            ids = each.get("trackerId"), one.get("trackerCondition")
            if tracker_window(program, *ids) == counted:
                return {"trackerName": each.get("trackerName", ""), "trackerId": ids[0], "trackerCondition": ids[1]}
    return None


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


# --- conditions


def requirement_of(program: Program, said: Mapping[str, Any], window: Window) -> Requirement | None:
    """The requirement that `conditions` and `expressionRelation` mean; trackers bring their own window."""
    listed = said.get("conditions") or []
    parts = tuple(_condition_of(program, each, window) for each in listed)
    if not parts:
        return None
    relation = said.get("expressionRelation", "ALL")
    if relation in ("ALL", "AND"):
        return parts[0] if len(parts) == 1 else AtLeast(len(parts), parts)
    if relation in ("ANY", "OR"):
        return AtLeast(1, parts)
    if relation.startswith("ANY_"):
        return AtLeast(int(relation.removeprefix("ANY_")), parts)
    text = with_parentheses(relation, len(parts))
    where = tuple(zip(ascii_uppercase, parts, strict=False))
    return Expression(text, where, parse_expression(text, dict(where)))


def _condition_of(program: Program, said: Mapping[str, Any], window: Window) -> Requirement:
    start = Decimal(said["value"])
    if said["type"] != "TRACKER":
        return Condition(Measure(_CONDITION_MEASURES[said["type"]]), window, start)
    found = tracker_window(program, said.get("trackerId"), said.get("trackerCondition"))
    if found is None:
        raise KeyError(said.get("trackerId"))
    return Condition(found[0], found[1], start)


def conditions_said(program: Program, requirement: Requirement | None, window: Window) -> Said | None:
    """`conditions` and `expressionRelation` of a requirement; None when the vendor cannot say it."""
    relation, parts = _relation_of(requirement)
    said = [_said_condition(program, part, window) for part in parts]
    listed = [each for each in said if each is not None]
    if not listed or len(listed) < len(said):
        return {} if requirement is None else None
    return {"expressionRelation": relation, "conditions": listed}


def _relation_of(requirement: Requirement | None) -> tuple[str, Iterable[Requirement]]:
    match requirement:
        case Condition():
            return "ALL", [requirement]
        case AtLeast(count, parts):
            return "ALL" if count == len(parts) else "ANY" if count == 1 else f"ANY_{count}", parts
        case Expression(_, where, tree):
            said = _said_expression(requirement)
            return (said, [part for _, part in where]) if said else ("", [tree])
        case _:
            return "", [] if requirement is None else [requirement]


def _said_expression(expression: Expression) -> str:
    """The expression over the letters in their order, read from left to right; empty when that means something else."""
    text, where, tree = expression.text, expression.where, expression.tree
    if [name for name, _ in where] != list(ascii_uppercase[: len(where)]):
        return ""
    try:
        said = with_parentheses(text, len(where))
    except ValueError:
        return ""
    return said if parse_expression(said, dict(where)) == tree else ""


def _said_condition(program: Program, part: Requirement, window: Window) -> Said | None:
    if not isinstance(part, Condition) or part.start is None or part.below is not None:
        return None
    value = number_text(part.start)
    if part.window == window:
        for name, kind in _CONDITION_MEASURES.items():
            if part.measure == Measure(kind):
                return {"type": name, "value": value}
    tracker = tracker_said(program, (part.measure, part.window))
    return None if tracker is None else {"type": "TRACKER", "value": value, **tracker}


# --- eligibility


def eligibility_said(program: Program, tier: Tier) -> Said:
    """The eligibility as far as the vendor can say it; the base tier has no threshold."""
    said: Said = {"kpiType": kpi_of(program), "upgradeType": upgrade_type_of(program)}
    if tier.start is not None:
        said["threshold"] = number_text(tier.start)
    return said | (requirement_said(program, tier.requires) or {})


def requirement_said(program: Program, requirement: Requirement | None) -> Said | None:
    """`conditions` of an eligibility; None when the vendor cannot say them, or not with the program's KPI."""
    said = conditions_said(program, requirement, Lifetime())
    listed = (said or {}).get("conditions", ())
    fit = all(each["type"] in TYPES_OF_KPI[kpi_of(program)] for each in listed)
    return said if fit and len(listed) <= CONDITIONS_MAX else None


def with_eligibility(program: Program, tier: Tier, said: Mapping[str, Any]) -> tuple[Program, Tier]:
    """What `said` makes of the program (its first KPI, its award) and of `tier`."""
    kpi = CANONICAL.get(said["kpiType"], said["kpiType"])
    if not program.tiers and kpi != kpi_of(program):
        program = with_kpi(program, kpi, said)
    start = said.get("threshold")
    changed = replace(
        tier,
        start=None if start is None else Decimal(start),
        requires=requirement_of(program, said, Lifetime()),
    )
    award = AWARDS[said.get("upgradeType", upgrade_type_of(program))]
    return replace(program, award=award), changed


def with_kpi(program: Program, kpi: str, said: Mapping[str, Any]) -> Program:
    """`program` that counts what `kpi` names; a tracker is that of the first condition in `said`."""
    if kpi in MEASURES:
        own = {name: value for name, value in kept(program).items() if name != "kpiType"}
        metadata = {**program.metadata, FACE: own}
        return replace(program, qualification=Qualification(MEASURES[kpi]), metadata=metadata)
    first = first_tracker(program, said)
    if first is None:
        raise KeyError(kpi)
    return with_settings(replace(program, qualification=Qualification(*first)), kpiType=TRACKER_KPI)


def first_tracker(program: Program, said: Mapping[str, Any]) -> tuple[Measure, Window] | None:
    """What the first TRACKER condition counts, None if there is none that the program knows."""
    ids = [
        (each.get("trackerId"), each.get("trackerCondition"))
        for each in said.get("conditions") or []
        if each["type"] == "TRACKER"
    ]
    return tracker_window(program, *ids[0]) if ids else None


# --- validity


def validity_said(program: Program, tier: Tier) -> Said | None:
    """The validity; None where the tier has none, or none that the vendor can say."""
    held = program.expiration_of(tier)
    if held.type is ExpirationType.FIXED_DURATION and held.period and held.round_up is None:
        months = months_of(held.period)
        if months is None:
            return None
        said: Said = {"periodType": "SLAB_UPGRADE", "periodValue": months, "unit": "NUM_MONTHS"}
    elif held.type is ExpirationType.ANNIVERSARY and held.minimum and months_of(held.period) == MONTHS_OF_YEAR:
        months = months_of(held.minimum)
        if months is None or held.occurrence != 1:
            return None
        said = {"periodType": "FIXED_CUSTOMER_REGISTRATION", "periodValue": months, "unit": "NUM_MONTHS"}
    else:
        return None
    return said | {"renewal": _renewal_said(program, program.renewal_of(tier), said["periodValue"])}


def renewal_conditions_said(program: Program, renewal: Renewal, months: int) -> Said | None:
    """What renews other than qualifying again, None when the vendor cannot say it; no conditions: always."""
    return conditions_said(program, renewal.criteria, Rolling(Period(months, Unit.MONTHS)))


def _renewal_said(program: Program, renewal: Renewal, months: int) -> Said:
    if renewal.type is RenewalType.REQUALIFY:
        return {"criteriaType": SAME_AS_ELIGIBILITY}
    return {"criteriaType": CUSTOM, **(renewal_conditions_said(program, renewal, months) or {})}


def with_validity(program: Program, tier: Tier, said: Mapping[str, Any] | None, *, renewed: bool = True) -> Tier:
    """`tier` held and, if `renewed`, kept as `said` wants it; None: until the next upgrade."""
    if said is None:
        return replace(tier, expiration=Expiration(ExpirationType.NEVER), renewal=None)
    months = Period(said["periodValue"], Unit.MONTHS)
    check = check_of(program)
    if said["periodType"] == "SLAB_UPGRADE":
        held = Expiration(ExpirationType.FIXED_DURATION, period=months, check=check)
    else:
        year = Period(1, Unit.YEARS)
        held = Expiration(ExpirationType.ANNIVERSARY, period=year, minimum=months, check=check)
    if not renewed:
        return replace(tier, expiration=held)
    renewal = said.get("renewal", {})
    criteria = requirement_of(program, renewal, Rolling(months))
    otherwise = RenewalType.ALWAYS if renewal.get("criteriaType") == CUSTOM else RenewalType.REQUALIFY
    extends = extends_of(program) if said["periodType"] == "SLAB_UPGRADE" else None  # else it is always a year
    how = Renewal(RenewalType.CRITERIA if criteria else otherwise, criteria, extends)
    return replace(tier, expiration=held, renewal=None if how == program.renewal else how)


def check_of(program: Program) -> Check:
    """When ends of holds are acted on: daily if the settings or else all holds say so, or at the month's end."""
    daily = kept(program).get("daily")
    if isinstance(daily, bool):
        return Check.DAILY if daily else Check.MONTH_END
    checks = {held.check for held in holds_of(program)}
    return Check.DAILY if checks == {Check.DAILY} else Check.MONTH_END


def extends_of(program: Program) -> Period | None:
    """How far a renewal reaches: a month if the settings or else all periods say so, None: as the validity."""
    month = Period(1, Unit.MONTHS)
    said = kept(program).get("extendBy")
    if said is not None:
        return month if said == "ONE_MONTH" else None
    fixed = [
        program.renewal_of(tier).extends
        for tier in program.tiers
        if program.expiration_of(tier).type is ExpirationType.FIXED_DURATION
    ]
    return month if fixed and all(each == month for each in fixed) else None


def holds_of(program: Program) -> list[Expiration]:
    """How long each tier is held that is held at all, and not for ever."""
    endless = (ExpirationType.IMMEDIATE, ExpirationType.NEVER)
    held = [program.expiration_of(tier) for tier in program.tiers]
    return [each for each in held if each.type not in endless]


def validity_months(held: Expiration) -> int | None:
    """The months that a validity says: those of the hold, or the least until an anniversary."""
    return months_of(held.minimum if held.type is ExpirationType.ANNIVERSARY else held.period)


def months_of(period: Period | None) -> int | None:
    """A period in months."""
    factor = {Unit.MONTHS: 1, Unit.YEARS: MONTHS_OF_YEAR}.get(period.unit) if period else None
    return period.count * factor if period and factor else None
