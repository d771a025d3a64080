"""Calendar arithmetic over clamped month ends and clock changes of every kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whenever import Date

from tests.strategies.programs import ZONES
from ziggurat import limits
from ziggurat.program.calendar import NEVER, Calendar, CalendarUnit, Period, Unit, calendar

PARIS = Calendar("Europe/Paris")
JUNEAU = Calendar("America/Juneau")
APIA = Calendar("Pacific/Apia")
SAO_PAULO = Calendar("America/Sao_Paulo")

instants = st.integers(86_400_000_000, 5_000_000_000_000_000)
zones = st.sampled_from(ZONES).map(calendar)


def moved(zone: Calendar, start: str, count: int, unit: Unit) -> str:
    return zone.format(zone.add(zone.parse(start), Period(count, unit)))


@pytest.mark.parametrize(
    ("start", "count", "unit", "end"),
    [
        ("2025-01-31", 1, Unit.MONTHS, "2025-02-28T00:00:00+01:00"),
        ("2024-01-31", 1, Unit.MONTHS, "2024-02-29T00:00:00+01:00"),
        ("2024-02-29", 1, Unit.YEARS, "2025-02-28T00:00:00+01:00"),
        ("2024-02-29", 4, Unit.YEARS, "2028-02-29T00:00:00+01:00"),
        ("2025-01-31", 2, Unit.MONTHS, "2025-03-31T00:00:00+02:00"),
        ("2025-03-29T12:00", 1, Unit.DAYS, "2025-03-30T12:00:00+02:00"),
        ("2025-03-29T12:00", 24, Unit.HOURS, "2025-03-30T13:00:00+02:00"),
        ("2025-10-25T12:00", 1, Unit.WEEKS, "2025-11-01T12:00:00+01:00"),
    ],
)
def test_days_and_longer_move_the_date_and_hours_move_the_clock(start: str, count: int, unit: Unit, end: str) -> None:
    assert moved(PARIS, start, count, unit) == end


def test_a_skipped_wall_time_becomes_the_first_instant_after_the_gap() -> None:
    assert moved(PARIS, "2025-03-29T02:30", 1, Unit.DAYS) == "2025-03-30T03:00:00+02:00"
    assert moved(JUNEAU, "2025-03-08T02:59:59", 1, Unit.DAYS) == "2025-03-09T03:00:00-08:00"


def test_a_doubled_wall_time_is_the_earlier() -> None:
    assert moved(PARIS, "2025-10-25T02:30", 1, Unit.DAYS) == "2025-10-26T02:30:00+02:00"
    assert moved(JUNEAU, "2025-11-01T01:30", 1, Unit.DAYS) == "2025-11-02T01:30:00-08:00"


def test_a_skipped_midnight_is_the_start_of_that_day() -> None:
    assert SAO_PAULO.format(SAO_PAULO.instant(Date(2018, 11, 4))) == "2018-11-04T01:00:00-02:00"


def test_a_skipped_day_starts_and_ends_where_the_gap_ends() -> None:
    skipped = APIA.instant(Date(2011, 12, 30))
    assert APIA.format(skipped) == "2011-12-31T00:00:00+14:00"
    assert skipped == APIA.instant(Date(2011, 12, 31))
    start, end = APIA.enclosing(skipped - 1, CalendarUnit.DAY)
    assert (APIA.format(start), end) == ("2011-12-29T00:00:00-10:00", skipped)


@pytest.mark.parametrize(
    ("unit", "start", "end"),
    [
        (CalendarUnit.HOUR, "2025-08-14T15:00", "2025-08-14T16:00"),
        (CalendarUnit.DAY, "2025-08-14", "2025-08-15"),
        (CalendarUnit.WEEK, "2025-08-11", "2025-08-18"),
        (CalendarUnit.MONTH, "2025-08-01", "2025-09-01"),
        (CalendarUnit.QUARTER, "2025-07-01", "2025-10-01"),
        (CalendarUnit.HALF, "2025-07-01", "2026-01-01"),
        (CalendarUnit.YEAR, "2025-01-01", "2026-01-01"),
    ],
)
def test_a_unit_encloses_from_its_first_instant_to_the_next_ones(unit: CalendarUnit, start: str, end: str) -> None:
    bounds = (PARIS.parse(start), PARIS.parse(end))
    assert PARIS.enclosing(PARIS.parse("2025-08-14T15:09:26"), unit) == bounds
    assert PARIS.enclosing(bounds[0], unit) == bounds
    assert PARIS.enclosing(bounds[1] - 1, unit) == bounds
    assert PARIS.round_up(bounds[0] + 1, unit) == bounds[1]
    assert PARIS.round_up(bounds[0], unit) == bounds[0]


def test_a_doubled_hour_is_one_stretch_of_two_hours() -> None:
    start, end = PARIS.enclosing(PARIS.parse("2025-10-26T01:30:00Z"), CalendarUnit.HOUR)
    assert PARIS.format(start) == "2025-10-26T02:00:00+02:00"
    assert PARIS.format(end) == "2025-10-26T03:00:00+01:00"


def test_cycles_run_both_ways_from_their_anchor_without_drift() -> None:
    anchor = Date(2024, 1, 31)
    ends = [PARIS.cycle(PARIS.parse(day), anchor, Period(1, Unit.MONTHS))[1] for day in ("2024-02-01", "2024-03-01")]
    assert [PARIS.format(end)[:10] for end in ends] == ["2024-02-29", "2024-03-31"]
    start, end = PARIS.cycle(PARIS.parse("2022-03-01"), anchor, Period(1, Unit.YEARS))
    assert (PARIS.format(start)[:10], PARIS.format(end)[:10]) == ("2022-01-31", "2023-01-31")


def test_the_ends_of_a_unit_follow_each_other() -> None:
    ends = PARIS.ends(PARIS.parse("2025-12-31T23:59"), CalendarUnit.QUARTER)
    assert [PARIS.format(next(ends))[:10] for _ in range(3)] == ["2026-01-01", "2026-04-01", "2026-07-01"]


def test_what_lies_beyond_the_calendar_is_never() -> None:
    late = PARIS.instant(Date(limits.CALENDAR_YEAR_MAX - 1, 6, 1))
    assert PARIS.add(late, Period(1, Unit.YEARS)) == NEVER
    assert PARIS.add(late, Period(9000, Unit.YEARS)) == NEVER
    assert PARIS.add(NEVER, Period(1, Unit.HOURS)) == NEVER
    end = calendar("UTC").instant(Date(limits.CALENDAR_YEAR_MAX - 1, 12, 31)) + 24 * 3_600_000_000
    assert PARIS.add(end - 3_600_000_001, Period(1, Unit.HOURS)) == end - 1
    assert PARIS.add(end - 3_600_000_000, Period(1, Unit.HOURS)) == NEVER
    assert PARIS.round_up(NEVER, CalendarUnit.DAY) == NEVER


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-07-01", "2025-07-01T00:00:00+02:00"),
        (" 2025-07-01 12:30 ", "2025-07-01T12:30:00+02:00"),
        ("2025-07-01T12:30:00Z", "2025-07-01T14:30:00+02:00"),
        ("2025-07-01t12:30:00-08:00", "2025-07-01T22:30:00+02:00"),
        ("2025-07-01T12:30:00.5", "2025-07-01T12:30:00.5+02:00"),
    ],
)
def test_dates_and_times_without_zone_are_local(text: str, instant: str) -> None:
    assert PARIS.format(PARIS.parse(text)) == instant


@pytest.mark.parametrize(
    "text",
    ["", "2025", "2025-02-30", "2025-13-01", "2025-07-01T25:00", "yesterday", "01/07/2025", "2025-07-01T12:00+99:00"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date or a time in ISO 8601"):
        PARIS.parse(text)


@pytest.mark.parametrize("text", ["1969-12-31", "2200-01-01", "9999-12-31"])
def test_years_outside_the_limits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is outside the years 1970 to 2199"):
        PARIS.parse(text)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus"):
        Calendar("Mars/Olympus")


@given(zones, instants)
def test_an_instant_reads_back_from_its_text(zone: Calendar, instant: int) -> None:
    assert zone.parse(zone.format(instant)) == instant


@given(zones, instants, st.sampled_from(CalendarUnit))
def test_a_unit_always_encloses_its_instant(zone: Calendar, instant: int, unit: CalendarUnit) -> None:
    start, end = zone.enclosing(instant, unit)
    assert start <= instant < end


@given(
    zones,
    instants,
    st.dates().filter(lambda day: 1990 <= day.year < 2060).map(Date),
    st.builds(Period, st.integers(1, 40), st.sampled_from([unit for unit in Unit if unit is not Unit.HOURS])),
)
def test_a_cycle_always_encloses_its_instant(zone: Calendar, instant: int, anchor: Date, period: Period) -> None:
    start, end = zone.cycle(instant, anchor, period)
    assert start <= instant < end


@given(zones, instants, instants, st.sampled_from(Unit), st.integers(1, 30))
def test_moving_never_overtakes(zone: Calendar, one: int, other: int, unit: Unit, count: int) -> None:
    """Of two instants apart by more than a clock change, the later stays no earlier."""
    early, late = sorted((one, other))
    if late - early > 2 * 86_400_000_000:
        assert zone.add(early, Period(count, unit)) <= zone.add(late, Period(count, unit))
