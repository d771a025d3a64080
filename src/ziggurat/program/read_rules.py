"""Qualification, expiration, renewal and downgrade of a program document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat import limits
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.model import (
    Anniversary,
    Applies,
    CalendarWindow,
    Check,
    CycleWindow,
    Downgrade,
    DowngradeType,
    Expiration,
    ExpirationType,
    Grace,
    LeapDay,
    Lifetime,
    OnReversal,
    Qualification,
    Renewal,
    RenewalType,
    YearDay,
)
from ziggurat.program.place import Place
from ziggurat.program.read_requirements import read_requirement
from ziggurat.program.read_windows import ROUNDING_UNITS, check_window, read_measure, read_period, read_window

DEFAULT_ANNIVERSARY = Period(1, Unit.YEARS)
EVERY_UNITS = (CalendarUnit.MONTH, CalendarUnit.QUARTER, CalendarUnit.HALF, CalendarUnit.YEAR)
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_ENDS = ("round_up", "check")
FIELDS_OF: Mapping[ExpirationType, tuple[str, ...]] = {
    ExpirationType.IMMEDIATE: (),
    ExpirationType.NEVER: (),
    ExpirationType.FIXED_DURATION: ("period", *_ENDS),
    ExpirationType.CALENDAR: ("dates", "every", "occurrence", "minimum", *_ENDS),
    ExpirationType.ANNIVERSARY: ("period", "occurrence", "minimum", *_ENDS),
    ExpirationType.SLIDING: ("period", "activities", *_ENDS),
    ExpirationType.ATTRIBUTE: ("attribute", *_ENDS),
}
"""Which fields each type of expiration has."""
QUALIFICATION_KEYS = ("measure", "window", "applies", "max_steps")
RENEWAL_KEYS = ("type", "criteria", "extends")
DOWNGRADE_KEYS = ("type", "grace_period", "on_reversal")
EXPIRATION_KEYS = (
    "type",
    "period",
    "dates",
    "every",
    "occurrence",
    "minimum",
    "activities",
    "attribute",
    "round_up",
    "check",
)
_NEEDS = {
    ExpirationType.FIXED_DURATION: {"period": "write period: {months: 12}"},
    ExpirationType.SLIDING: {
        "period": "write period: {months: 12}",
        "activities": "write activities: [earning], or what else pushes the end on",
    },
    ExpirationType.ATTRIBUTE: {"attribute": "write attribute: NAME, the attribute that holds the date"},
}


def read_qualification(place: Place) -> Qualification | None:
    """What the ladder counts."""
    if not place.mapping(QUALIFICATION_KEYS):
        return None
    measure_place = place.need("measure", "say what is counted, as measure: points_earned")
    window_place, applies_place, steps_place = place.get("window"), place.get("applies"), place.get("max_steps")
    measure = read_measure(measure_place) if measure_place else None
    window = read_window(window_place) if window_place else Lifetime()
    applies = applies_place.choice(Applies) if applies_place else Applies.IMMEDIATELY
    steps = steps_place.integer(1, limits.TIERS_MAX, "a whole number of tiers") if steps_place else None
    if window_place:
        check_window(window_place, measure, window)
    periodic = isinstance(window, CalendarWindow | CycleWindow | Anniversary)
    if applies_place and applies is Applies.NEXT_PERIOD and window and not periodic:
        applies_place.fault(
            "next_period needs a window of periods", "use a calendar or anniversary window, or applies: immediately"
        )
    if measure is None or window is None or applies is None:
        return None
    return Qualification(measure, window, applies, steps)


def read_expiration(place: Place) -> Expiration | None:
    """How long a tier is held: a mapping, or just the type."""
    if place.is_text:
        place = Place({"type": place.value}, place.path, place.faults)
        kind = Place(place.value["type"], place.path, place.faults).choice(ExpirationType)
    else:
        if not place.mapping(EXPIRATION_KEYS, "an expiration"):
            return None
        type_place = place.need("type", f"say which: {', '.join(ExpirationType)}")
        kind = type_place.choice(ExpirationType) if type_place else None
    if kind is None:
        return None
    allowed = FIELDS_OF[kind]
    for key in EXPIRATION_KEYS[1:]:
        if key in place.value and key not in allowed:
            users = [type_ for type_, fields in FIELDS_OF.items() if key in fields]
            place.at(key).fault(f"means nothing with type {kind}", f"only {', '.join(users)} has it: take it out")
    for key, remedy in _NEEDS.get(kind, {}).items():
        if key not in place.value:
            place.at(key).fault("is missing", remedy)
    said = Place({key: value for key, value in place.value.items() if key in allowed}, place.path, place.faults)
    fields = _expiration_fields(said, kind)
    return Expiration(kind, **fields)


def _expiration_fields(place: Place, kind: ExpirationType) -> dict[str, Any]:
    """The fields that `place` says, those with faults left out."""
    read: dict[str, Any] = {}
    hours = kind is not ExpirationType.ANNIVERSARY
    if not hours:
        read["period"] = DEFAULT_ANNIVERSARY
    if (period := place.get("period")) and (value := read_period(period, hours=hours)):
        read["period"] = value
    if kind is ExpirationType.CALENDAR:
        read |= _read_ends(place)
    if (occurrence := place.get("occurrence")) and (number := occurrence.integer(1, limits.OCCURRENCE_MAX)):
        read["occurrence"] = number
    if minimum := place.get("minimum"):
        read["minimum"] = read_period(minimum)
    if activities := place.get("activities"):
        names = [name for item in activities.items(limits.CONDITIONS_MAX, "activities") if (name := item.text())]
        if len(set(names)) < len(names):
            activities.fault("lists an activity twice", "list each once")
        read["activities"] = tuple(names)
    if (attribute := place.get("attribute")) and (text := attribute.text()):
        read["attribute"] = text
    if round_up := place.get("round_up"):
        read["round_up"] = round_up.choice(CalendarUnit, ROUNDING_UNITS)
    if (check := place.get("check")) and (when := check.choice(Check)):
        read["check"] = when
    return read


def _read_ends(place: Place) -> dict[str, Any]:
    """The ends of a calendar hold: `dates`, or `every` so long."""
    if ("dates" in place.value) == ("every" in place.value):
        place.fault("must have either dates or every", "write dates: [{month: 12, day: 31}], or every: year")
    dates, every = place.get("dates"), place.get("every")
    return {
        "dates": _read_dates(dates) if dates else (),
        "every": every.choice(CalendarUnit, EVERY_UNITS) if every else None,
    }


def _read_dates(place: Place) -> tuple[YearDay, ...]:
    days = [day for item in place.items(limits.CALENDAR_DATES_MAX, "dates") if (day := _read_year_day(item))]
    if len({(day.month, day.day) for day in days}) < len(days):
        place.fault("lists a day twice", "list each once")
    return tuple(days)


def _read_year_day(place: Place) -> YearDay | None:
    if not place.mapping(("month", "day", "common_years"), "a day of the year"):
        return None
    example = "write {month: 12, day: 31}"
    month_place, day_place = place.need("month", example), place.need("day", example)
    leap_place = place.get("common_years")
    month = month_place.integer(1, 12, "a month from 1 to 12") if month_place else None
    day = day_place.integer(1, 31, "a day of the month") if day_place else None
    leap = leap_place.choice(LeapDay) if leap_place else None
    if month is None or day is None or day_place is None:
        return None
    if day > _DAYS_IN[month - 1]:
        day_place.fault(f"does not exist: month {month} has {_DAYS_IN[month - 1]} days", f"use {_DAYS_IN[month - 1]}")
        return None
    is_leap_day = (month, day) == (2, 29)
    if is_leap_day and "common_years" not in place.value:
        place.fault("is 29 February, which most years do not have", _LEAP_REMEDY)
        return None
    if leap_place and not is_leap_day:
        leap_place.fault("is only for 29 February", "take it out")
        return None
    return YearDay(month, day, leap) if leap or not is_leap_day else None


_LEAP_REMEDY = "add common_years: february_28 or common_years: march_1"


def read_renewal(place: Place, own: Qualification | None) -> Renewal | None:
    """What keeps a tier at the end of its hold: a mapping, or just the type."""
    if place.is_text:
        kind = place.choice(RenewalType)
        if kind is RenewalType.CRITERIA:
            place.fault("says no criteria", "write {type: criteria, criteria: {from: 500}}")
            return None
        return Renewal(kind) if kind else None
    if not place.mapping(RENEWAL_KEYS, "a renewal"):
        return None
    type_place = place.need("type", f"say which: {', '.join(RenewalType)}")
    kind = type_place.choice(RenewalType) if type_place else None
    criteria_place, extends_place = place.get("criteria"), place.get("extends")
    criteria = read_requirement(criteria_place, own) if criteria_place else None
    extends = read_period(extends_place) if extends_place else None
    if kind is RenewalType.CRITERIA and "criteria" not in place.value:
        place.at("criteria").fault("is missing", "say what keeps the tier: criteria: {from: 500}")
    elif kind and kind is not RenewalType.CRITERIA and criteria_place:
        criteria_place.fault(f"means nothing with type {kind}", "write type: criteria, or take it out")
    return Renewal(kind, criteria, extends) if kind else None


def read_downgrade(place: Place) -> Downgrade | None:
    """How a member falls: a mapping, or just the type."""
    if place.is_text:
        kind = place.choice(DowngradeType)
        return Downgrade(kind) if kind else None
    if not place.mapping(DOWNGRADE_KEYS, "a downgrade"):
        return None
    type_place = place.need("type", f"say which: {', '.join(DowngradeType)}")
    grace_place, reversal_place = place.get("grace_period"), place.get("on_reversal")
    kind = type_place.choice(DowngradeType) if type_place else None
    grace = _read_grace(grace_place) if grace_place else None
    on_reversal = reversal_place.choice(OnReversal) if reversal_place else OnReversal.RECHECK
    return Downgrade(kind, grace, on_reversal) if kind and on_reversal else None


def _read_grace(place: Place) -> Grace | None:
    period = read_period(place, also=("round_up",))
    round_up_place = place.get("round_up")
    round_up = round_up_place.boolean() if round_up_place else False
    return Grace(period, round_up) if period and round_up is not None else None
