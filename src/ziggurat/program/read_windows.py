"""Periods, windows and measures of a program document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ziggurat import limits
from ziggurat.program.calendar import CalendarUnit, Period, Unit
from ziggurat.program.model import (
    Anniversary,
    CalendarWindow,
    CycleWindow,
    Lifetime,
    Measure,
    MeasureKind,
    Rolling,
    SinceTierEntry,
    Window,
)
from ziggurat.program.near_words import did_you_mean
from ziggurat.program.place import Place, shown

ROUNDING_UNITS = tuple(unit for unit in CalendarUnit if unit is not CalendarUnit.HOUR)
NAMED_MEASURES = (MeasureKind.ACTIVITY, MeasureKind.ATTRIBUTE)
PLAIN_MEASURES = tuple(kind for kind in MeasureKind if kind not in NAMED_MEASURES)
LIFETIME_ONLY = (MeasureKind.POINTS_BALANCE, MeasureKind.POINTS_LIFETIME, MeasureKind.ATTRIBUTE)
"""Measures that are a state and not a sum over a span, so that no shorter window can be laid on them."""

_COUNT_MAX = {
    Unit.HOURS: limits.PERIOD_YEARS_MAX * 366 * 24,
    Unit.DAYS: limits.PERIOD_YEARS_MAX * 366,
    Unit.WEEKS: limits.PERIOD_YEARS_MAX * 366 // 7,
    Unit.MONTHS: limits.PERIOD_YEARS_MAX * 12,
    Unit.YEARS: limits.PERIOD_YEARS_MAX,
}
_PERIOD_REMEDY = "write one unit and how many, as {months: 12}"
_WINDOW_WORDS: Mapping[str, Window] = {"lifetime": Lifetime(), "since_tier_entry": SinceTierEntry()}
_WINDOW_EXAMPLES = {
    "rolling": "{rolling: {months: 12}}",
    "calendar": "{calendar: year}",
    "anniversary": "{anniversary: {period: {years: 1}}}",
}


def read_period(place: Place, *, hours: bool = True, also: Sequence[str] = ()) -> Period | None:
    """A period `{months: 12}`; `hours` says whether it may be of hours, `also` which other keys may stand beside."""
    units = [unit for unit in Unit if hours or unit is not Unit.HOURS]
    if place.is_mapping and not hours and "hours" in place.value:
        place.at("hours").fault("is not a unit here", "write days or longer: these periods move by the calendar")
        return None
    if not place.mapping([*units, *also], "a period"):
        return None
    said = [unit for unit in units if unit in place.value]
    if len(said) > 1:
        place.fault(f"has {len(said)} units: {', '.join(said)}", "keep one")
        return None
    if not said:
        if not place.value.keys() - set(also):  # else the unknown key has been noted
            place.fault("has no unit", _PERIOD_REMEDY)
        return None
    unit = said[0]
    number = place.get(unit)
    count = number.integer(1, _COUNT_MAX[unit], f"a whole number of {unit}") if number else None
    return Period(count, unit) if count is not None else None


def read_measure(place: Place) -> Measure | None:
    """A measure: its name, or `{activity: visit}` or `{attribute: score}`."""
    if place.is_text:
        if place.value in NAMED_MEASURES:
            place.fault("needs a name", f"write {{{place.value}: NAME}}")
            return None
        if place.value in PLAIN_MEASURES:
            return Measure(MeasureKind(place.value))
        place.fault(f"is not a measure: {shown(place.value)}", did_you_mean(place.value, MeasureKind))
        return None
    if not place.mapping(NAMED_MEASURES, "a measure"):
        return None
    said = [kind for kind in NAMED_MEASURES if kind in place.value]
    if len(said) != 1:
        if said or not place.value:
            place.fault("must name one activity or one attribute", "write {activity: NAME} or {attribute: NAME}")
        return None
    name = place.get(said[0])
    text = name.text() if name else None
    return Measure(said[0], text) if text is not None else None


def read_window(place: Place) -> Window | None:
    """A window, in any of its forms."""
    if place.is_text:
        return _window_word(place)
    if not place.mapping(tuple(_READERS), "a window"):
        return None
    said = [kind for kind in _READERS if kind in place.value]
    if len(said) != 1:
        if said or not place.value:
            place.fault("must be one kind of window", "keep one of rolling, calendar, anniversary")
        return None
    inner = place.get(said[0])
    return _READERS[said[0]](inner) if inner else None


def check_window(place: Place, measure: Measure | None, window: Window | None) -> None:
    """Note a fault at `place` if `measure` cannot be counted over `window`."""
    if measure and window and measure.kind in LIFETIME_ONLY and not isinstance(window, Lifetime):
        why = {
            MeasureKind.POINTS_BALANCE: "a balance is what is there now; points_earned counts over a window",
            MeasureKind.POINTS_LIFETIME: "points_earned counts over a window",
            MeasureKind.ATTRIBUTE: "an attribute is what was last said",
        }[measure.kind]
        place.fault(f"cannot be laid on {measure.kind}", f"leave the window out ({why})")


def _window_word(place: Place) -> Window | None:
    word = place.value
    if word in _WINDOW_WORDS:
        return _WINDOW_WORDS[word]
    if word in _WINDOW_EXAMPLES:
        place.fault("says no period", f"write {_WINDOW_EXAMPLES[word]}")
    else:
        place.fault(f"is not a window: {shown(word)}", did_you_mean(word, [*_WINDOW_WORDS, *_READERS]))
    return None


def _rolling(place: Place) -> Window | None:
    period = read_period(place)
    return Rolling(period) if period else None


def _calendar(place: Place) -> Window | None:
    if not place.is_mapping:
        unit = place.choice(CalendarUnit)
        return CalendarWindow(unit) if unit else None
    place.mapping(("period", "from"))
    example = "write {period: {months: 3}, from: 2025-02-01}"
    period_place, anchor_place = place.need("period", example), place.need("from", example)
    period = read_period(period_place, hours=False) if period_place else None
    anchor = anchor_place.date() if anchor_place else None
    if anchor and anchor_place and not _YEAR_MIN <= anchor.year < limits.INSTANT_YEAR_MAX:
        anchor_place.fault(f"is outside the years {_YEAR_MIN} to {limits.INSTANT_YEAR_MAX - 1}", "write a date in them")
        return None
    return CycleWindow(period, anchor) if period and anchor else None


def _anniversary(place: Place) -> Window | None:
    if not place.mapping(("period", "round_up")):
        return None
    period_place = place.need("period", "write {period: {years: 1}}")
    rounding = place.get("round_up")
    period = read_period(period_place, hours=False) if period_place else None
    round_up = rounding.choice(CalendarUnit, ROUNDING_UNITS) if rounding else None
    return Anniversary(period, round_up) if period else None


_YEAR_MIN = limits.INSTANT_YEAR_MIN
_READERS: Mapping[str, Callable[[Place], Window | None]] = {
    "rolling": _rolling,
    "calendar": _calendar,
    "anniversary": _anniversary,
}
