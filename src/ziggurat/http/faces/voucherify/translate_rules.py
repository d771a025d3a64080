"""The rules of a ladder both ways: tracking, expiration and downgrade as the vendor says them, and as a program does.

Reading takes plain wire values that the models have let through. Showing answers wire values and notes what is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whenever import Date

from ziggurat.http.face_support.losses import Loss
from ziggurat.http.faces.voucherify.dialect import Dialect
from ziggurat.http.faces.voucherify.read_wire import invalid
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.model import (
    Anniversary,
    Applies,
    CalendarWindow,
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
    Qualification,
    Rolling,
    SinceTierEntry,
    Window,
    YearDay,
)

Wire = dict[str, Any]

CYCLE_ANCHOR = Date(2024, 1, 1)
"""Where cycles of several units are counted from: a Monday, and the first of a year (unknown 5 of the vendor's sheet).

The vendor does not say; ours are the same for every card.
"""
_UNITS = {"DAY": Unit.DAYS, "WEEK": Unit.WEEKS, "MONTH": Unit.MONTHS, "YEAR": Unit.YEARS}
_WORDS = {unit: word for word, unit in _UNITS.items()}
_CALENDAR_UNITS = {
    "HOUR": CalendarUnit.HOUR,
    "DAY": CalendarUnit.DAY,
    "WEEK": CalendarUnit.WEEK,
    "MONTH": CalendarUnit.MONTH,
    "YEAR": CalendarUnit.YEAR,
}
_TRACKED = {unit: (1, word) for word, unit in _CALENDAR_UNITS.items()} | {
    CalendarUnit.QUARTER: (3, "MONTH"),
    CalendarUnit.HALF: (6, "MONTH"),
}
_APPLIES = {"IMMEDIATELY": Applies.IMMEDIATELY, "NEXT_TRACKING_PERIOD": Applies.NEXT_PERIOD}
_FALLS = {
    "MULTI_LEVEL": DowngradeType.TO_QUALIFIED,
    "SINGLE_LEVEL": DowngradeType.SINGLE_LEVEL,
    "NO_DOWNGRADE": DowngradeType.NEVER,
}
_FALL_WORDS = {type_: word for word, type_ in _FALLS.items()}
_HOURS_PER_DAY = 24
_DAYS_PER_WEEK = 7
_MONTHS_PER_YEAR = 12
_LEAP = (2, 29)
_LONGEST = (5, "YEAR")
BALANCE = Qualification(Measure(MeasureKind.POINTS_BALANCE))


# --- what is counted


def qualification_of(point_earned: Mapping[str, Any] | None) -> Qualification:
    """What a structure with these settings counts; without them the balance.

    Raises:
        ApiError: hours that no cycle of the calendar can have.
    """
    if point_earned is None:
        return BALANCE
    value, unit = int(point_earned["period"]["value"]), point_earned["period"]["unit"]
    applies = _APPLIES[point_earned["type"]]
    earned = Measure(MeasureKind.POINTS_EARNED)
    if value == 1:
        return Qualification(earned, CalendarWindow(_CALENDAR_UNITS[unit]), applies)
    if unit != "HOUR":
        return Qualification(earned, CycleWindow(Period(value, _UNITS[unit]), CYCLE_ANCHOR), applies)
    days, rest = divmod(value, _HOURS_PER_DAY)
    if not rest:
        window: Window = CalendarWindow(CalendarUnit.DAY) if days == 1 else CycleWindow(_days(days), CYCLE_ANCHOR)
        return Qualification(earned, window, applies)
    if applies is Applies.NEXT_PERIOD:
        raise invalid("Property .point_earned.period: NEXT_TRACKING_PERIOD wants 1 hour, or whole days of hours")
    return Qualification(earned, Rolling(Period(value, Unit.HOURS)), applies)


def show_qualification(own: Qualification, dialect: Dialect, losses: list[Loss]) -> Wire | None:
    """`point_earned` of a program, None where the balance is tracked."""
    if own.max_steps is not None:
        losses.append(Loss("qualification.max_steps", "any number of tiers is climbed at once"))
    if own.measure.kind is MeasureKind.POINTS_BALANCE:
        return None
    if own.measure.kind is not MeasureKind.POINTS_EARNED:
        losses.append(Loss("qualification.measure", f"{own.measure} is shown as points earned"))
    value, unit = _tracked(own.window, dialect, losses)
    applies = "NEXT_TRACKING_PERIOD" if own.applies is Applies.NEXT_PERIOD else "IMMEDIATELY"
    return {"period": {"value": value, "unit": unit}, "type": applies}


def _tracked(window: Window, dialect: Dialect, losses: list[Loss]) -> tuple[int, str]:  # noqa: PLR0911
    place = "qualification.window"
    match window:
        case CalendarWindow(CalendarUnit.HOUR) if dialect is Dialect.NEWER:
            losses.append(Loss(place, "hours are shown as a day"))
            return 1, "DAY"
        case CalendarWindow(unit):
            return _TRACKED[unit]
        case CycleWindow(period, anchor):
            if anchor != CYCLE_ANCHOR:
                losses.append(Loss(place, f"cycles from {anchor.format_iso()} lose where they start"))
            return _bounded(period, dialect, losses, place)
        case Rolling(period):
            if period.unit is Unit.HOURS and dialect is Dialect.SEED:
                return period.count, "HOUR"
            losses.append(Loss(place, "a look-back is shown as periods one after the other"))
            return _bounded(period, dialect, losses, place)
        case Anniversary(period):
            losses.append(Loss(place, "cycles from enrolment are shown as periods of the calendar"))
            return _bounded(period, dialect, losses, place)
        case Lifetime() | SinceTierEntry():
            losses.append(Loss(place, "has no end and is shown as the longest tracking period"))
            return _LONGEST


def _bounded(period: Period, dialect: Dialect, losses: list[Loss], place: str) -> tuple[int, str]:
    if period.unit is Unit.HOURS:
        days = -(-period.count // _HOURS_PER_DAY)
        losses.append(Loss(place, f"{period} is shown as whole days"))
        period = _days(days)
    most = {"DAY": 90, "WEEK": 52, "MONTH": 12, "YEAR": 5}[_WORDS[period.unit]]
    if dialect is Dialect.NEWER and period.count > most:
        years = {Unit.DAYS: 366, Unit.WEEKS: 53, Unit.MONTHS: _MONTHS_PER_YEAR, Unit.YEARS: 1}[period.unit]
        shown = min(-(-period.count // years), _LONGEST[0])
        if period.unit is not Unit.MONTHS or period.count != shown * _MONTHS_PER_YEAR:
            losses.append(Loss(place, f"{period} is shown as {shown} years"))
        return shown, "YEAR"
    return period.count, _WORDS[period.unit]


def _days(count: int) -> Period:
    return Period(count, Unit.DAYS)


# --- how long a tier is held


def expiration_of(wire: Mapping[str, Any] | None, dialect: Dialect) -> Expiration:
    """How long a tier is held.

    A fixed time counts whole local days: the last valid date is entry plus period (unknown 2 of the sheet). 29 February
    is the 28th in common years (unknown 4). Left out: as long as it is qualified for.

    Raises:
        ApiError: the part that the type needs is missing, or another one is there in the newer dialect.
    """
    if wire is None:
        return Expiration()
    said = wire["type"]
    needs = _PART_OF.get(said, "")
    if needs and wire.get(needs) is None:
        raise invalid(f"Property .expiration must have required property '{needs}'")
    if dialect is Dialect.NEWER:
        strangers = [part for part in set(_PART_OF.values()) - {needs} if wire.get(part) is not None]
        if strangers:
            raise invalid(f"Property .expiration.{min(strangers)} must be null for {said}")
    match said:
        case "NO_RETENTION":
            return Expiration()
        case "NO_EXPIRATION":  # unknown 1: not the newer NO_RETENTION, whose meaning is the reverse
            return Expiration(ExpirationType.NEVER)
        case "CALENDAR_EXPIRATION":
            dates = {(int(each["month"]), int(each["day"])) for each in wire[needs]["calendar_dates"]}
            return Expiration(ExpirationType.CALENDAR, dates=tuple(_year_day(*date) for date in sorted(dates)))
        case "SLIDING_EXPIRATION":
            return _sliding(wire[needs])
    return Expiration(ExpirationType.FIXED_DURATION, period=_period(wire[needs]["period"]), round_up=CalendarUnit.DAY)


_PART_OF = {
    "ROLLING_EXPIRATION": "rolling_expiration",
    "FIXED_DURATION": "fixed_duration",
    "CALENDAR_EXPIRATION": "calendar_expiration",
    "SLIDING_EXPIRATION": "sliding_expiration",
}


def _sliding(wire: Mapping[str, Any]) -> Expiration:
    """Unknown 15 of the sheet: the vendor takes it and does nothing; here it acts, so it has to say something."""
    if wire.get("period") is None:
        raise invalid("Property .expiration.sliding_expiration.period must not be null")
    types = [str(each) for each in wire.get("custom_activity_types") or ()]
    if wire.get("custom_activity") and not types:
        raise invalid("Property .expiration.sliding_expiration.custom_activity_types must not be empty")
    activities = [
        *(["earning"] if wire.get("earning_activity") else []),
        *(["spending"] if wire.get("spending_activity") else []),
        *(dict.fromkeys(types) if wire.get("custom_activity") else []),
    ]
    if not activities:
        raise invalid("Property .expiration.sliding_expiration must have at least one activity")
    return Expiration(
        ExpirationType.SLIDING,
        period=_period(wire["period"]),
        activities=tuple(dict.fromkeys(activities)),
        round_up=CalendarUnit.DAY,
    )


def show_expiration(expiration: Expiration, dialect: Dialect, losses: list[Loss], place: str) -> Wire | None:
    """`expiration`; None is what the seed dialect has for a tier that is not held."""
    if expiration.check.value != "at_instant":
        losses.append(Loss(f"{place}.check", "ends are acted on at once"))
    match expiration.type:
        case ExpirationType.IMMEDIATE:
            return None if dialect is Dialect.SEED else {"type": "NO_RETENTION"}
        case ExpirationType.NEVER:
            # the newer dialect says it with NO_DOWNGRADE: what never falls need not be held
            return {"type": "NO_EXPIRATION"} if dialect is Dialect.SEED else {"type": "NO_RETENTION"}
        case ExpirationType.CALENDAR:
            return _show_calendar(expiration, losses, place)
        case ExpirationType.SLIDING:
            return _show_sliding(expiration, losses, place)
        case ExpirationType.ATTRIBUTE:
            losses.append(Loss(place, f"the date in {expiration.attribute} is shown as no expiration"))
            return {"type": "NO_EXPIRATION"} if dialect is Dialect.SEED else {"type": "NO_RETENTION"}
        case ExpirationType.ANNIVERSARY:
            losses.append(Loss(place, "the member's anniversary is shown as a fixed time from entry"))
    _report_rounding(expiration, losses, place)
    period = _show_period(expiration.period or Period(1, Unit.YEARS), losses, f"{place}.period")
    name, part = _FIXED[dialect]
    return {"type": name, part: {"period": period}}


def _report_rounding(expiration: Expiration, losses: list[Loss], place: str) -> None:
    """Times from an instant reach to the end of their last day here, and no further."""
    if expiration.round_up is None:
        losses.append(Loss(f"{place}.round_up", "the hold reaches to the end of its last day"))
    elif expiration.round_up is not CalendarUnit.DAY:
        losses.append(Loss(f"{place}.round_up", f"the end of the {expiration.round_up} is not said"))


_FIXED = {
    Dialect.SEED: ("ROLLING_EXPIRATION", "rolling_expiration"),
    Dialect.NEWER: ("FIXED_DURATION", "fixed_duration"),
}


def _show_calendar(expiration: Expiration, losses: list[Loss], place: str) -> Wire:
    if expiration.occurrence != 1:
        losses.append(Loss(f"{place}.occurrence", "the first such end is shown"))
    if expiration.round_up is not None:
        losses.append(Loss(f"{place}.round_up", f"the end of the {expiration.round_up} is not said"))
    if expiration.minimum:
        losses.append(Loss(f"{place}.minimum", "near ends are not passed over"))
    dates = [{"day": day.day, "month": day.month} for day in expiration.dates]
    if expiration.every:
        months = {CalendarUnit.MONTH: 1, CalendarUnit.QUARTER: 3, CalendarUnit.HALF: 6}.get(expiration.every, 12)
        last = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        dates = [{"day": last[month - 1], "month": month} for month in range(months, 13, months)]
    return {"type": "CALENDAR_EXPIRATION", "calendar_expiration": {"calendar_dates": dates}}


def _show_sliding(expiration: Expiration, losses: list[Loss], place: str) -> Wire:
    custom = [each for each in expiration.activities if each not in ("earning", "spending")]
    _report_rounding(expiration, losses, place)
    period = _show_period(expiration.period or Period(1, Unit.YEARS), losses, f"{place}.period")
    sliding = {
        "period": period,
        "earning_activity": "earning" in expiration.activities,
        "spending_activity": "spending" in expiration.activities,
        "custom_activity": bool(custom),
        "custom_activity_types": custom,
    }
    return {"type": "SLIDING_EXPIRATION", "sliding_expiration": sliding}


def _year_day(month: int, day: int) -> YearDay:
    return YearDay(month, day, LeapDay.FEBRUARY_28 if (month, day) == _LEAP else None)


def _period(wire: Mapping[str, Any]) -> Period:
    return Period(int(wire["value"]), _UNITS[wire["unit"]])


def _show_period(period: Period, losses: list[Loss], place: str) -> Wire:
    if period.unit is Unit.WEEKS:
        period = _days(period.count * _DAYS_PER_WEEK)
    if period.unit is Unit.HOURS:
        losses.append(Loss(place, f"{period} is shown as whole days"))
        period = _days(-(-period.count // _HOURS_PER_DAY))
    return {"value": period.count, "unit": _WORDS[period.unit]}


# --- how a member falls


def downgrade_of(wire: Mapping[str, Any] | None, dialect: Dialect) -> Downgrade:
    """How a member falls; left out: not at all.

    Grace counts from the decision, to the end of the local day (unknown 3 of the sheet), which of several days is the
    same as rounding up; months and years that are not rounded end at the hour at which they began.

    Raises:
        ApiError: grace where nobody falls, in the newer dialect.
    """
    if wire is None:
        return Downgrade(DowngradeType.NEVER)
    type_, grace = _FALLS[wire["type"]], wire.get("grace_period")
    if grace is None or type_ is DowngradeType.NEVER:
        if grace is not None and dialect is Dialect.NEWER:
            raise invalid("Property .downgrade.grace_period must be null for NO_DOWNGRADE")
        return Downgrade(type_)
    return Downgrade(type_, Grace(_period(grace), bool(grace.get("round_up")) or grace["unit"] == "DAY"))


def show_downgrade(downgrade: Downgrade, expiration: Expiration, dialect: Dialect, losses: list[Loss]) -> Wire:
    """`downgrade` of a program whose tiers are held as `expiration` says."""
    if downgrade.on_reversal.value != "recheck":
        losses.append(Loss("downgrade.on_reversal", "reversals are judged at once"))
    never = expiration.type in (ExpirationType.NEVER, ExpirationType.ATTRIBUTE)
    if dialect is Dialect.NEWER and never and downgrade.type is not DowngradeType.NEVER:
        losses.append(Loss("downgrade", "of tiers that never expire is shown as NO_DOWNGRADE"))
        return {"type": "NO_DOWNGRADE"}
    if downgrade.type is DowngradeType.TO_BASE:
        losses.append(Loss("downgrade.type", "to_base is shown as MULTI_LEVEL"))
    shown: Wire = {"type": _FALL_WORDS.get(downgrade.type, "MULTI_LEVEL")}
    if downgrade.grace:
        period = _show_period(downgrade.grace.period, losses, "downgrade.grace_period")
        shown["grace_period"] = {**period, "round_up": downgrade.grace.round_up}
    return shown
