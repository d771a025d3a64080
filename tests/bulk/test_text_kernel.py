"""The compiled readers never answer otherwise than the definitions they stand in for."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ziggurat.bulk.column import Column, UnreadableColumnError
from ziggurat.bulk.convert_amounts import to_amounts
from ziggurat.bulk.convert_instants import to_instants
from ziggurat.bulk.event_table import MISSING
from ziggurat.bulk.local_time import zone_table
from ziggurat.program.amounts import parse_decimal, to_units
from ziggurat.program.calendar import Calendar

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/Juneau",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Monrovia",
]
zones = st.sampled_from(ZONES)
walls = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31, 23, 59, 59))  # noqa: DTZ001 - wall time is the point


@st.composite
def times_near_clock_changes(draw: st.DrawFn, zone: str) -> datetime:
    changes = zone_table(zone).wall_end
    if not len(changes):
        return draw(walls)
    wall = int(draw(st.sampled_from(changes.tolist()))) + draw(st.integers(-7_200_000_000, 7_200_000_000))
    moment = datetime(1970, 1, 1) + timedelta(microseconds=wall)  # noqa: DTZ001 - wall time is the point
    return min(max(moment, datetime(1970, 1, 1)), datetime(2199, 12, 31))  # noqa: DTZ001


def one(column: Column) -> int | None:
    """The value of a column's only row; None if it is bad."""
    assert len(column.values) == 1
    if column.bad is not None:
        assert column.explain(0)[0]
        return None
    return int(column.values[0])


def parsed(text: str, zone: str) -> int | None:
    try:
        return Calendar(zone).parse(text)
    except ValueError:
        return None


@given(st.data(), zones)
def test_local_times_are_placed_as_the_calendar_places_them(data: st.DataObject, zone: str) -> None:
    moments = data.draw(st.lists(walls | times_near_clock_changes(zone), min_size=1, max_size=5))
    texts = [moment.isoformat() for moment in moments]
    expected = [Calendar(zone).parse(text) for text in texts]
    assert to_instants(pa.array(texts), zone).values.tolist() == expected
    assert to_instants(pa.array(moments, pa.timestamp("us")), zone).values.tolist() == expected
    nanoseconds = pa.array(moments, pa.timestamp("us")).cast(pa.timestamp("ns"))
    assert to_instants(nanoseconds, zone).values.tolist() == expected


@given(st.lists(st.dates(date(1970, 1, 1), date(2199, 12, 31)), min_size=1, max_size=5), zones)
def test_dates_are_local_midnights(days: list[date], zone: str) -> None:
    expected = [Calendar(zone).parse(day.isoformat()) for day in days]
    assert to_instants(pa.array(days, pa.date32()), zone).values.tolist() == expected
    assert to_instants(pa.array([str(day) for day in days]), zone).values.tolist() == expected
    assert to_instants(pa.array([f"{day:%Y%m%d}" for day in days]), zone).values.tolist() == expected


@given(
    st.from_regex(
        r"\A ?[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]{0,10})?)?)?"
        r"(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)?)? ?\Z"
    )
    | st.text("0123456789-+:TZ. ", max_size=30),
    zones,
)
@example("2025-03-30T02:30", "Europe/Paris")
@example("2025-10-26T02:30", "Europe/Paris")
@example("2024-02-29", "UTC")
@example("2023-02-29", "UTC")
@example("1970-01-01T00:00:00+14:00", "UTC")
@example("2199-12-31T23:59:59.999999999-14:00", "UTC")
@example("2025-03-01T12:30:60Z", "UTC")
@example("2025-03-01T12:30:15.Z", "UTC")
@example("2025-03-01T12:30:15+24:00", "UTC")
@example("2025-03-01T24:00", "UTC")
@example("2011-12-30T12:00", "Pacific/Apia")
@example("20250301", "Europe/Paris")
@example("20250229", "UTC")
@example("2025-3-1", "UTC")
def test_text_is_read_as_the_calendar_reads_it(text: str, zone: str) -> None:
    answer = one(to_instants(pa.array([text]), zone))
    assert answer == (MISSING if not text.strip(" ") else parsed(text, zone))


@given(
    st.from_regex(r"\A ?[+-]?[0-9]{0,16}(\.[0-9]{0,7})?(e[+-]?[0-9])? ?\Z")
    | st.text("0123456789.+-eE_ ,", max_size=20)
    | st.sampled_from(["NaN", "inf", "-Infinity", "100000000000000", "100000000000000.0001", "99999999999999.9999"])
)
def test_amounts_are_read_as_amounts_reads_them(text: str) -> None:
    try:
        expected: int | None = to_units(parse_decimal(text))
    except ValueError:
        expected = None
    assert one(to_amounts(pa.array([text]))) == (MISSING if not text.strip(" ") else expected)


@given(st.floats() | st.integers(-(10**18), 10**18).map(lambda units: units / 10_000))
@example(12.1)
@example(0.1 + 0.2)
@example(1e14)
@example(1.5e13 + 0.0625)
def test_a_float_is_the_shortest_decimal_it_stands_for(number: float) -> None:
    try:
        expected: int | None = to_units(parse_decimal(repr(number)))
    except ValueError:
        expected = None
    assert one(to_amounts(pa.array([number], pa.float64()))) == expected


@pytest.mark.parametrize(("number", "units"), [(12.1, 121_000), (0.0001, 1), (2.5, 25_000), (1e-5, None)])
def test_a_small_float_is_too(number: float, units: int | None) -> None:
    assert one(to_amounts(pa.array([number], pa.float32()))) == units


@given(st.lists(st.none() | st.decimals(-(10**16), 10**16, allow_nan=False, places=6), min_size=1, max_size=6))
def test_decimals_are_exact_or_refused(numbers: list[object]) -> None:
    column = to_amounts(pa.array(numbers, pa.decimal128(38, 6)))
    for row, number in enumerate(numbers):
        try:
            expected: int | None = MISSING if number is None else to_units(parse_decimal(str(number)))
        except ValueError:
            expected = None
        bad = column.bad is not None and bool(column.bad[row])
        assert (None if bad else column.values[row]) == expected


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=6))
def test_integers_are_whole_amounts(numbers: list[int | None]) -> None:
    column = to_amounts(pa.array(numbers, pa.int64()))
    for row, number in enumerate(numbers):
        bad = column.bad is not None and bool(column.bad[row])
        assert bad == (number is not None and abs(number) > 10**14)
        if not bad:
            assert column.values[row] == (MISSING if number is None else number * 10_000)


def test_a_narrow_integer_column_does_not_overflow() -> None:
    assert to_amounts(pa.array([127, -128], pa.int8())).values.tolist() == [1_270_000, -1_280_000]
    assert to_amounts(pa.array([2**63], pa.uint64())).bad is not None
    assert to_amounts(pa.array([10**14], pa.uint64())).values.tolist() == [10**18]


def test_timestamps_of_any_unit_become_microseconds_rounded_down() -> None:
    for unit, factor in {"s": 1, "ms": 10**3, "us": 10**6}.items():
        column = to_instants(pa.array([factor, None], pa.timestamp(unit, "Europe/Paris")), "America/Juneau")
        assert column.values.tolist() == [1_000_000, MISSING]
        assert column.bad is None
    assert to_instants(pa.array([1_999], pa.timestamp("ns", "UTC")), "UTC").values.tolist() == [1]


def test_times_outside_the_years_are_bad() -> None:
    column = to_instants(pa.array([-1, 0, None, 7_258_118_400], pa.timestamp("s", "UTC")), "UTC")
    assert column.bad is not None
    assert column.bad.tolist() == [True, False, False, True]
    assert column.explain(0)[0].endswith("is outside the years 1970 to 2199")


def test_dictionary_columns_are_read_through_their_words() -> None:
    words = pa.array(["1.5", None, "x", "1.5"]).dictionary_encode()
    column = to_amounts(words)
    assert column.values.tolist() == [15_000, MISSING, MISSING, 15_000]
    assert column.bad is not None
    assert column.bad.tolist() == [False, False, True, False]
    assert column.explain(2) == ('"x" is not a number', "write digits with a decimal point, as in 12.50")


def test_numbers_are_never_times() -> None:
    with pytest.raises(UnreadableColumnError, match="it holds int64 numbers, not times"):
        to_instants(pa.array([1_735_689_600]), "UTC")
    with pytest.raises(UnreadableColumnError, match="not numbers"):
        to_amounts(pa.array([[1]]))
    assert np.array_equal(to_instants(pa.nulls(2), "UTC").values, [MISSING, MISSING])
