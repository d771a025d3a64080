"""A `Program` as a document: what `read` reads back as the same program, in the shortest form that says it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from whenever import Date

from ziggurat.program.calendar import Period
from ziggurat.program.model import (
    Anniversary,
    AtLeast,
    Award,
    CalendarWindow,
    Check,
    Condition,
    CycleWindow,
    Downgrade,
    Enrolment,
    Expiration,
    ExpirationType,
    Expression,
    Grace,
    Lifetime,
    Measure,
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
)
from ziggurat.program.place import FLOAT_DIGITS
from ziggurat.program.read_rules import DEFAULT_ANNIVERSARY
from ziggurat.program.read_windows import NAMED_MEASURES
from ziggurat.program.yaml_text import yaml_text

Document = dict[str, Any]


def program_document(program: Program) -> Document:
    """`program` as plain JSON values, keys in the order of the document's reference.

    Whole thresholds are int, others float where its shortest text is the exact number, else text.
    """
    return _Writer(_json_number, Date.format_iso).program(program)


def program_yaml(program: Program) -> str:
    """`program` as YAML text, every number exactly as it is."""
    return yaml_text(_Writer(lambda number: number, lambda date: date).program(program))


def _json_number(number: Decimal) -> int | float | str:
    if number == number.to_integral_value():
        return int(number)
    return float(number) if len(number.as_tuple().digits) <= FLOAT_DIGITS else f"{number:f}"


class _Writer:
    """Writes with the numbers and dates of one kind of text."""

    def __init__(self, number: Callable[[Decimal], Any], date: Callable[[Date], Any]) -> None:
        self.number = number
        self.date = date

    def program(self, program: Program) -> Document:
        own = program.qualification
        said: Document = {"edition": program.edition, "name": program.name}
        _add(said, "description", program.description)
        _add(said, "time_zone", program.time_zone, "UTC")
        _add(said, "currency", program.currency)
        _add(said, "enrolment", str(program.enrolment), str(Enrolment.ON_FIRST_EVENT))
        said["qualification"] = self.qualification(own)
        if program.expiration != Expiration():
            said["expiration"] = self.expiration(program.expiration)
        if program.renewal != Renewal():
            said["renewal"] = self.renewal(program.renewal, own)
        if program.downgrade != Downgrade():
            said["downgrade"] = self.downgrade(program.downgrade)
        if program.base_tier:
            said["base_tier"] = self.tier(program.base_tier, own)
        said["tiers"] = [self.tier(tier, own) for tier in program.tiers]
        if program.late_cut_off:
            said["late_events"] = {"cut_off": _period(program.late_cut_off)}
        _add(said, "award", str(program.award), str(Award.BEFORE))
        _add(said, "metadata", dict(program.metadata))
        return said

    def tier(self, tier: Tier, own: Qualification) -> Document:
        said: Document = {"name": tier.name}
        _add(said, "id", tier.id)
        said |= self.bounds(tier.start, tier.below)
        if tier.requires:
            said["requires"] = self.requirement(tier.requires, own)
        if tier.expiration:
            said["expiration"] = self.expiration(tier.expiration)
        if tier.renewal:
            said["renewal"] = self.renewal(tier.renewal, own)
        if tier.downgrade:
            said["downgrade"] = self.downgrade(tier.downgrade)
        _add(said, "description", tier.description)
        _add(said, "color", tier.color)
        _add(said, "icon", tier.icon)
        _add(said, "benefits", list(tier.benefits))
        _add(said, "metadata", dict(tier.metadata))
        return said

    def qualification(self, own: Qualification) -> Document:
        said: Document = {"measure": _measure(own.measure)}
        if own.window != Lifetime():
            said["window"] = self.window(own.window)
        _add(said, "applies", str(own.applies), "immediately")
        _add(said, "max_steps", own.max_steps)
        return said

    def window(self, window: Window) -> Any:
        match window:
            case Lifetime():
                return "lifetime"
            case SinceTierEntry():
                return "since_tier_entry"
            case Rolling(period):
                return {"rolling": _period(period)}
            case CalendarWindow(unit):
                return {"calendar": str(unit)}
            case CycleWindow(period, anchor):
                return {"calendar": {"period": _period(period), "from": self.date(anchor)}}
            case Anniversary(period, round_up):
                said: Document = {"period": _period(period)}
                _add(said, "round_up", round_up and str(round_up))
                return {"anniversary": said}

    def bounds(self, start: Decimal | None, below: Decimal | None) -> Document:
        said = {"from": start, "below": below}
        return {key: self.number(number) for key, number in said.items() if number is not None}

    def requirement(self, requirement: Requirement, own: Qualification) -> Document:
        match requirement:
            case Condition():
                return self.condition(requirement, own)
            case AtLeast(count, parts):
                listed = [self.requirement(part, own) for part in parts]
                return {"all": listed} if count == len(parts) else {"any": count, "of": listed}
            case Not(part):
                return {"not": self.requirement(part, own)}
            case Expression(text, where):
                return {"expression": text, "where": {name: self.requirement(part, own) for name, part in where}}

    def condition(self, condition: Condition, own: Qualification) -> Document:
        bounds = self.bounds(condition.start, condition.below)
        if (condition.measure, condition.window) == (own.measure, own.window):
            return bounds
        said: Document = {"measure": _measure(condition.measure)}
        if condition.window != Lifetime():
            said["window"] = self.window(condition.window)
        return said | bounds

    def expiration(self, expiration: Expiration) -> Any:
        said: Document = {"type": str(expiration.type)}
        is_default = expiration.type is ExpirationType.ANNIVERSARY and expiration.period == DEFAULT_ANNIVERSARY
        if expiration.period and not is_default:
            said["period"] = _period(expiration.period)
        for day in expiration.dates:
            date: Document = {"month": day.month, "day": day.day}
            _add(date, "common_years", day.common_years and str(day.common_years))
            said.setdefault("dates", []).append(date)
        _add(said, "every", expiration.every and str(expiration.every))
        _add(said, "occurrence", expiration.occurrence, 1)
        _add(said, "minimum", expiration.minimum and _period(expiration.minimum))
        _add(said, "activities", list(expiration.activities))
        _add(said, "attribute", expiration.attribute)
        _add(said, "round_up", expiration.round_up and str(expiration.round_up))
        _add(said, "check", str(expiration.check), str(Check.AT_INSTANT))
        return _short(said)

    def renewal(self, renewal: Renewal, own: Qualification) -> Any:
        said: Document = {"type": str(renewal.type)}
        if renewal.type is RenewalType.CRITERIA and renewal.criteria:
            said["criteria"] = self.requirement(renewal.criteria, own)
        _add(said, "extends", renewal.extends and _period(renewal.extends))
        return _short(said)

    def downgrade(self, downgrade: Downgrade) -> Any:
        said: Document = {"type": str(downgrade.type)}
        _add(said, "grace_period", downgrade.grace and _grace(downgrade.grace))
        _add(said, "on_reversal", str(downgrade.on_reversal), str(OnReversal.RECHECK))
        return _short(said)


def _add(said: Document, key: str, value: Any, default: Any = None) -> None:
    """Say `value`, unless it is the default or nothing."""
    if value != default and value not in (None, "", [], {}):
        said[key] = value


def _short(said: Document) -> Any:
    return said["type"] if len(said) == 1 else said


def _period(period: Period) -> Document:
    return {str(period.unit): period.count}


def _grace(grace: Grace) -> Document:
    return _period(grace.period) | ({"round_up": True} if grace.round_up else {})


def _measure(measure: Measure) -> Any:
    return {str(measure.kind): measure.name} if measure.kind in NAMED_MEASURES else str(measure.kind)
