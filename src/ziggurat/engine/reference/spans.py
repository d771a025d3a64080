"""From when until when a contribution counts, and when a hold ends (docs/rules.md, "Windows" and "Holds")."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

from ziggurat import limits
from ziggurat.program.calendar import BEGINNING, NEVER, Calendar, CalendarUnit, Microseconds, Period, Unit
from ziggurat.program.model import (
    Anniversary,
    CalendarWindow,
    Check,
    CycleWindow,
    Expiration,
    ExpirationType,
    Rolling,
    Window,
    YearDay,
)

_CYCLES_MAX = 366 * (limits.CALENDAR_YEAR_MAX - limits.INSTANT_YEAR_MIN)
PERIODIC = (CalendarWindow, CycleWindow, Anniversary)
"""Windows that start from zero at each boundary."""


def span(window: Window, at: Microseconds, enrolled: Microseconds, calendar: Calendar) -> tuple[int, int]:
    """The half-open stretch in which a contribution made at `at` counts.

    For a periodic window that is the period that holds `at`.
    """
    match window:
        case Rolling(period):
            return at, calendar.add(at, period)
        case CalendarWindow(unit):
            return calendar.enclosing(at, unit)
        case CycleWindow(period, anchor):
            return calendar.cycle(at, anchor, period)
        case Anniversary(period, round_up):
            cycles = Cycles(enrolled, period, round_up, calendar)
            k = cycles.first_ending_after(at)
            return (cycles.end(k - 1) if k > 1 else enrolled), cycles.end(k)
    return BEGINNING, NEVER


@dataclass(frozen=True, slots=True)
class Cycles:
    """The cycles of `period` from enrolment, numbered from 1, their ends rounded up."""

    enrolled: Microseconds
    period: Period
    round_up: CalendarUnit | None
    calendar: Calendar

    def end(self, k: int) -> Microseconds:
        end = self.calendar.add(self.enrolled, self.period.times(k))
        return self.calendar.round_up(end, self.round_up) if self.round_up else end

    def first_ending_after(self, at: Microseconds) -> int:
        return 1 + bisect_right(range(1, _CYCLES_MAX), at, key=self.end)


def hold_end(
    expiration: Expiration,
    at: Microseconds,
    judged_end: Microseconds | None,
    enrolled: Microseconds,
    given: Microseconds,
    calendar: Calendar,
) -> Microseconds:
    """When a hold ends that starts at `at`; NEVER when it has no end.

    Args:
        expiration: the rule.
        at: the start of the hold, UTC microseconds.
        judged_end: the end of the period that was judged, where a period that ended was (it counts as the first end).
        enrolled: the member's enrolment.
        given: the date given from outside (for `attribute`), NEVER if none.
        calendar: the program's calendar.
    """
    if expiration.type in (ExpirationType.IMMEDIATE, ExpirationType.NEVER):
        return NEVER
    if expiration.type is ExpirationType.ATTRIBUTE:
        return given if given > at else NEVER
    if expiration.type in (ExpirationType.CALENDAR, ExpirationType.ANNIVERSARY):
        after = at if judged_end is None else judged_end - 1
        ends = islice(_ends(expiration, after, enrolled, calendar), expiration.occurrence - 1, None)
        earliest = calendar.add(at, expiration.minimum) if expiration.minimum else at + 1
        return next(end for end in ends if end >= earliest)
    assert expiration.period is not None, "fixed and sliding holds have a period"
    end = calendar.add(at, expiration.period)
    return calendar.round_up(end, expiration.round_up) if expiration.round_up else end


def _ends(expiration: Expiration, after: int, enrolled: int, calendar: Calendar) -> Iterator[Microseconds]:
    """The ends later than `after` of a calendar or anniversary hold, in order; NEVER closes the list, for ever.

    They are rounded up before they are counted, so that the end of a hold is itself one of them.
    """
    unit, last = expiration.round_up, after
    if expiration.type is ExpirationType.ANNIVERSARY:
        cycles = Cycles(enrolled, expiration.period or Period(1, Unit.YEARS), unit, calendar)
        ends: Iterator[int] = map(cycles.end, count(cycles.first_ending_after(after)))
    else:
        since = calendar.enclosing(after, unit)[0] - 1 if unit else after  # an end before `after` may round beyond it
        every, dates = expiration.every, expiration.dates
        exact = calendar.ends(since, every) if every else _dates_after(dates, since, calendar)
        ends = (calendar.round_up(end, unit) if unit else end for end in exact)
    for end in ends:
        if end > last or end == NEVER:
            yield end
            last = end


def _dates_after(dates: tuple[YearDay, ...], after: Microseconds, calendar: Calendar) -> Iterator[Microseconds]:
    year = calendar.date(after).year - 1
    while True:
        ends = sorted({calendar.instant(day.in_year(year).add(days=1)) for day in dates})
        yield from (end for end in ends if end > after)
        if ends[-1] == NEVER:
            while True:
                yield NEVER
        year += 1


def acted_on(end: Microseconds, check: Check, calendar: Calendar) -> Microseconds:
    """The instant at which the end of a hold is acted on."""
    match check:
        case Check.AT_INSTANT:
            return end
        case Check.DAILY:
            return calendar.round_up(end, CalendarUnit.DAY)
        case Check.MONTH_END:
            return calendar.round_up(end, CalendarUnit.MONTH)
