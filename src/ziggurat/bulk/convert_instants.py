"""Instants of any Arrow type to UTC microseconds.

They may be ISO 8601 text, dates, or timestamps of any unit (finer than a microsecond is rounded down); without a zone
they are local. Numbers are never instants: nothing says in which unit they count.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from ziggurat import limits
from ziggurat.bulk.column import (
    Column,
    UnreadableColumnError,
    all_null,
    ask_each,
    is_text,
    plain,
    text_buffers,
    through_dictionary,
)
from ziggurat.bulk.column_kernel import bounds
from ziggurat.bulk.event_table import MISSING, Bools, Int64s
from ziggurat.bulk.local_time import DAY_US, zone_table
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_kernel import read_instants
from ziggurat.program.calendar import calendar

DATE_REMEDY = "write 2025-03-01 or 2025-03-01T12:30:00+01:00"


def to_instants(array: pa.Array, zone: str) -> Column:
    """UTC microseconds as int64, `MISSING` for null; dates and times without zone are local to `zone`.

    Raises:
        UnreadableColumnError: plain numbers, or something that is no time at all.
    """
    if pt.is_dictionary(array.type):
        return through_dictionary(array, lambda values: to_instants(values, zone), MISSING)
    type_ = array.type
    if pt.is_null(type_):
        return all_null(len(array))
    if is_text(type_):
        return _instants_of_text(array, zone)
    if pt.is_timestamp(type_) or pt.is_date(type_):
        return _instants_of_times(array, zone)
    if pt.is_integer(type_) or pt.is_floating(type_) or pt.is_decimal(type_):
        raise UnreadableColumnError(
            f"it holds {type_} numbers, not times", "write ISO 8601 text, or cast it to a timestamp column"
        )
    raise UnreadableColumnError(f"it holds {type_}, not times", DATE_REMEDY)


def _instants_of_text(array: pa.Array, zone: str) -> Column:
    data, offsets = text_buffers(array)
    instants = np.empty(len(array), np.int64)
    local = np.empty(len(array), np.bool_)
    status = read_instants(data, offsets, limits.INSTANT_YEAR_MIN, limits.INSTANT_YEAR_MAX, MISSING, instants, local)
    if local.all():
        instants = zone_table(zone).to_instants(instants)
    elif local.any():
        instants[local] = zone_table(zone).to_instants(instants[local])
    bad = ask_each(array, status, instants, calendar(zone).parse)

    def explain(row: int) -> tuple[str, str]:
        text = str(array[row].as_py()).strip()
        if text.isdecimal():
            return f"{shown(text)} is a number, not a date or a time", DATE_REMEDY
        return _instant_problem(text, zone)

    return Column(instants, bad, explain)


def _instant_problem(text: str, zone: str) -> tuple[str, str]:
    try:
        calendar(zone).parse(text)
    except ValueError as problem:
        if "outside the years" in str(problem):
            return _outside(text)
    return f"{shown(text)} is not a date or a time in ISO 8601", DATE_REMEDY


def _outside(text: str) -> tuple[str, str]:
    last = limits.INSTANT_YEAR_MAX - 1
    return f"{shown(text)} is outside the years {limits.INSTANT_YEAR_MIN} to {last}", "mend the year"


def _instants_of_times(array: pa.Array, zone: str) -> Column:
    type_ = array.type
    if pt.is_date(type_):
        ticks = array.cast(pa.date32()).cast(pa.int32())
        factor, local = DAY_US, True
    else:
        ticks = array.view(pa.int64())
        factor, local = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": -1_000}[type_.unit], type_.tz is None
    numbers, nulls = plain(ticks)
    wall = numbers.astype(np.int64, copy=False)
    floor, ceiling = _year_bounds()
    if factor > 0:
        least, most = floor // factor, ceiling // factor
        bad = _outside_bounds(wall, least, most)
        wall = (wall if bad is None else np.where(bad, 0, wall)) * factor if factor > 1 else wall
    else:
        wall = wall // -factor
        bad = _outside_bounds(wall, floor, ceiling)
    if bad is not None and nulls is not None:
        bad = bad & ~nulls
    instants = _local_to_instants(wall, zone, by_day=factor == DAY_US) if local else wall
    if nulls is not None or bad is not None:
        instants = instants.copy()
        for mask in (nulls, bad):
            if mask is not None:
                instants[mask] = MISSING
    return Column(instants, bad if bad is not None and bad.any() else None, lambda row: _outside(_spelled(array, row)))


def _spelled(array: pa.Array, row: int) -> str:
    return str(pc.cast(array.slice(row, 1), pa.string())[0].as_py())


def _year_bounds() -> tuple[int, int]:
    days = np.array([f"{limits.INSTANT_YEAR_MIN}-01-01", f"{limits.INSTANT_YEAR_MAX}-01-01"], "datetime64[us]")
    floor, ceiling = days.astype(np.int64).tolist()
    return floor, ceiling


def _outside_bounds(numbers: Int64s, least: int, most: int) -> Bools | None:
    low, high = bounds(numbers) if len(numbers) else (least, least)
    if low >= least and high < most:
        return None
    return (numbers < least) | (numbers >= most)


def _local_to_instants(wall: Int64s, zone: str, *, by_day: bool) -> Int64s:
    table = zone_table(zone)
    if by_day and len(wall):
        first = int(wall.min()) // DAY_US
        days = np.arange(first, int(wall.max()) // DAY_US + 1) * DAY_US
        if len(days) < len(wall):
            return table.to_instants(days)[wall // DAY_US - first]
    return table.to_instants(wall)
