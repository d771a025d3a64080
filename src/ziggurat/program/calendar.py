"""Calendar arithmetic in one zone: the only place that turns local dates into instants and back.

Instants are UTC microseconds since 1970. Periods of days and longer move the local date and keep the wall time, month
ends clamp (31 Jan + 1 month = 28/29 Feb); hours are elapsed time. A wall time that a clock change skips becomes the
first instant after the gap; a doubled one is the earlier. (docs/rules.md, "Time")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from whenever import Date, Instant, PlainDateTime, SkippedTime, Time, ZonedDateTime

from ziggurat import limits

Microseconds: TypeAlias = int

HOUR_US = 3_600_000_000
_DATE_CHARACTERS = 10
_BASIC_DATE_CHARACTERS = 8
NEVER: Microseconds = 2**63 - 1
"""Later than every instant: the end of what does not end."""
BEGINNING: Microseconds = -(2**63)
"""Earlier than every instant."""
_END: Microseconds = Instant.from_utc(limits.CALENDAR_YEAR_MAX, 1, 1).timestamp(unit="microsecond")
"""What falls here or later is never; of local dates, those of that year."""


class Unit(StrEnum):
    """The unit of a period."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class CalendarUnit(StrEnum):
    """A named stretch of the local calendar. Weeks start on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_MONTHS_OF = {CalendarUnit.MONTH: 1, CalendarUnit.QUARTER: 3, CalendarUnit.HALF: 6, CalendarUnit.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of `count` units; what it lasts depends on where it starts."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit.removesuffix('s')}"

    def times(self, factor: int) -> Period:
        """The period that is `factor` of these, reckoned from one start so that clamping never adds up."""
        return Period(self.count * factor, self.unit)


def add_to_date(date: Date, period: Period) -> Date:
    """`date` moved by `period` (days or longer); month ends clamp."""
    match period.unit:
        case Unit.DAYS:
            return date.add(days=period.count)
        case Unit.WEEKS:
            return date.add(days=7 * period.count)
        case Unit.MONTHS:
            return date.add(months=period.count)
        case Unit.YEARS:
            return date.add(years=period.count)
        case Unit.HOURS:
            raise ValueError("hours do not move a date")


def start_of_unit(date: Date, unit: CalendarUnit) -> Date:
    """The first date of the day, week, month, quarter, half or year that holds `date`."""
    if unit is CalendarUnit.WEEK:
        return date.add(days=1 - date.day_of_week().value)
    if unit in _MONTHS_OF:
        months = _MONTHS_OF[unit]
        return Date(date.year, (date.month - 1) // months * months + 1, 1)
    return date


def next_unit(start: Date, unit: CalendarUnit) -> Date:
    """The first date of the stretch after the one that starts at `start`."""
    if unit is CalendarUnit.WEEK:
        return start.add(days=7)
    return start.add(months=_MONTHS_OF[unit]) if unit in _MONTHS_OF else start.add(days=1)


class Calendar:
    """Calendar arithmetic in one time zone.

    >>> paris = Calendar("Europe/Paris")
    >>> paris.format(paris.add(paris.parse("2025-01-31"), Period(1, Unit.MONTHS)))
    '2025-02-28T00:00:00+01:00'
    """

    __slots__ = ("zone",)

    def __init__(self, zone: str) -> None:
        """A calendar for the IANA zone `zone`. Raises `whenever.TimeZoneNotFoundError` for an unknown one."""
        Instant.from_timestamp(0).to_tz(zone)
        self.zone = zone

    # --- between instants and local time

    def local(self, instant: Microseconds) -> ZonedDateTime:
        """The local date and wall time of `instant`."""
        return Instant.from_timestamp(instant, unit="microsecond").to_tz(self.zone)

    def date(self, instant: Microseconds) -> Date:
        """The local date of `instant`."""
        return self.local(instant).date()

    def instant(self, date: Date, time: Time | None = None) -> Microseconds:
        """The instant of a local date and wall time (default midnight), by the two rules for clock changes."""
        if date.year >= limits.CALENDAR_YEAR_MAX:
            return NEVER
        wall = date.at(time or Time())
        try:
            return _microseconds(wall.assume_tz(self.zone, disambiguation="raise"))
        except SkippedTime:
            before = wall.assume_tz(self.zone, disambiguation="earlier")
            after = before.next_transition()
            assert after is not None, "a skipped wall time lies before a transition"
            return _microseconds(after)
        except ValueError:
            return _microseconds(wall.assume_tz(self.zone, disambiguation="earlier"))

    def parse(self, text: str) -> Microseconds:
        """The instant that ISO 8601 `text` names; a date (2025-03-01, 20250301), or a time without zone, is local.

        Raises:
            ValueError: not ISO 8601, or outside the years that `limits` allows.
        """
        text = text.strip()
        if len(text) > _DATE_CHARACTERS and text[_DATE_CHARACTERS] in " t":
            text = f"{text[:10]}T{text[11:]}"
        instant = self._parse(text)
        year = int(text[:4])
        if not limits.INSTANT_YEAR_MIN <= year < limits.INSTANT_YEAR_MAX:
            raise ValueError(
                f"{text!r} is outside the years {limits.INSTANT_YEAR_MIN} to {limits.INSTANT_YEAR_MAX - 1}"
            )
        return instant

    def _parse(self, text: str) -> Microseconds:
        try:
            if len(text) == _DATE_CHARACTERS or (len(text) == _BASIC_DATE_CHARACTERS and text.isdecimal()):
                return self.instant(Date.parse_iso(text))
            if text.endswith(("Z", "z")) or "+" in text[10:] or "-" in text[10:]:
                return _floor_microseconds(Instant.parse_iso(text.replace("z", "Z")))
            wall = PlainDateTime.parse_iso(text)
            return self.instant(wall.date(), wall.time())
        except ValueError:
            raise ValueError(f"{text!r} is not a date or a time in ISO 8601 (2025-03-01T12:30:00+01:00)") from None

    def format(self, instant: Microseconds) -> str:
        """`instant` in ISO 8601 with this zone's offset; fractions only where there are any."""
        local = self.local(instant)
        offset = local.to_fixed_offset().format_iso(unit="auto")
        return f"{offset[:-1]}+00:00" if offset.endswith("Z") else offset

    # --- moving

    def add(self, instant: Microseconds, period: Period) -> Microseconds:
        """`instant` + `period`: the contribution made at `instant` leaves a rolling window of `period` there."""
        if instant == NEVER:
            return NEVER
        if period.unit is Unit.HOURS:
            later = instant + period.count * HOUR_US
            return later if later < _END else NEVER
        local = self.local(instant)
        try:
            moved = add_to_date(local.date(), period)
        except ValueError:
            return NEVER
        return self.instant(moved, local.time())

    def round_up(self, instant: Microseconds, unit: CalendarUnit) -> Microseconds:
        """The end of the unit that holds `instant`, unless `instant` is itself such an end."""
        if instant == NEVER:
            return NEVER
        start, end = self.enclosing(instant, unit)
        return instant if start == instant else end

    def enclosing(self, instant: Microseconds, unit: CalendarUnit) -> tuple[Microseconds, Microseconds]:
        """The half-open stretch `[start, end)` of `unit` that holds `instant`."""
        if unit is CalendarUnit.HOUR:
            return self._enclosing_hour(instant)
        first = start_of_unit(self.date(instant), unit)
        after = next_unit(first, unit)
        start, end = self.instant(first), self.instant(after)
        while end <= instant:  # a clock set back over midnight comes by the old date again, after the new one began
            after = next_unit(after, unit)
            start, end = end, self.instant(after)
        return start, end

    def _enclosing_hour(self, instant: Microseconds) -> tuple[Microseconds, Microseconds]:
        # A doubled wall hour is one stretch of two hours: it starts at the earlier reading of its wall time.
        wall = self.local(instant).to_plain().replace(minute=0, second=0, nanosecond=0)
        start = self.instant(wall.date(), wall.time())
        end = start
        while end <= instant:
            wall = wall.add(hours=1, naive_arithmetic_ok=True)
            end = self.instant(wall.date(), wall.time())
        return start, end

    def cycle(self, instant: Microseconds, anchor: Date, period: Period) -> tuple[Microseconds, Microseconds]:
        """The stretch `[start, end)` that holds `instant`, of cycles of `period` laid from local date `anchor`."""
        n = _cycle_guess(anchor, self.date(instant), period)
        while self.instant(add_to_date(anchor, period.times(n))) > instant:
            n -= 1
        while (end := self.instant(add_to_date(anchor, period.times(n + 1)))) <= instant:
            n += 1
        return self.instant(add_to_date(anchor, period.times(n))), end

    def ends(self, after: Microseconds, unit: CalendarUnit) -> Iterator[Microseconds]:
        """The ends of `unit` later than `after`, in order, for ever (NEVER closes the list)."""
        while True:
            after = NEVER if after == NEVER else self.enclosing(after, unit)[1]
            yield after


@lru_cache(maxsize=256)
def calendar(zone: str) -> Calendar:
    """The calendar of `zone`, made once."""
    return Calendar(zone)


def _cycle_guess(anchor: Date, date: Date, period: Period) -> int:
    if period.unit in (Unit.DAYS, Unit.WEEKS):
        days = (date.to_stdlib() - anchor.to_stdlib()).days
        return days // (period.count * (7 if period.unit is Unit.WEEKS else 1))
    months = (date.year - anchor.year) * 12 + date.month - anchor.month
    return months // (period.count * (12 if period.unit is Unit.YEARS else 1))


def _microseconds(moment: ZonedDateTime) -> Microseconds:
    return moment.timestamp(unit="microsecond")


def _floor_microseconds(moment: Instant) -> Microseconds:
    return moment.timestamp(unit="microsecond")
