"""Compiled readers of text columns: instants, amounts, and text that no identifier should hold.

They know the common spellings only, and answer `ASK` for any other; whoever calls then asks `program.calendar` and
`program.amounts`, which define what text means. So the compiled readers can be fast without being a second definition.
"""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from ziggurat.bulk.event_table import Bools, Int64s

Bytes: TypeAlias = NDArray[np.uint8]

KNOWN = 0
ASK = 1

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000


@numba.njit(cache=True, nogil=True)
def _number(data: Bytes, start: int, end: int) -> int:
    """The digits in [start, end) as an int, or -1."""
    value = 0
    for at in range(start, end):
        digit = data[at] - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@numba.njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar, or -1 << 40 for one that is not there."""
    nowhere = -(1 << 40)
    if month < 1 or month > 12 or day < 1:
        return nowhere
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month == 2:
        length = 29 if leap else 28
    elif month in (4, 6, 9, 11):
        length = 30
    else:
        length = 31
    if day > length:
        return nowhere
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@numba.njit(cache=True, nogil=True)
def _trim(data: Bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and data[start] == 32:
        start += 1
    while end > start and data[end - 1] == 32:
        end -= 1
    return start, end


@numba.njit(cache=True, nogil=True)
def _date(data: Bytes, start: int) -> int:
    if data[start + 4] != 45 or data[start + 7] != 45:
        return -(1 << 40)
    year = _number(data, start, start + 4)
    month = _number(data, start + 5, start + 7)
    day = _number(data, start + 8, start + 10)
    if year < 0:
        return -(1 << 40)
    return _days(year, month, day)


@numba.njit(cache=True, nogil=True)
def _basic_date(data: Bytes, start: int) -> int:
    year = _number(data, start, start + 4)
    month = _number(data, start + 4, start + 6)
    day = _number(data, start + 6, start + 8)
    if year < 0:
        return -(1 << 40)
    return _days(year, month, day)


@numba.njit(cache=True, nogil=True)
def _fraction(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """The microseconds of a fraction that starts at `at`, and where it ends; -1 unless it has 1 to 9 digits."""
    value = 0
    digits = 0
    while at < end and 48 <= data[at] <= 57:
        if digits < 6:
            value = value * 10 + (data[at] - 48)
        digits += 1
        at += 1
    if digits < 1 or digits > 9:
        return -1, at
    for _ in range(digits, 6):
        value *= 10
    return value, at


@numba.njit(cache=True, nogil=True)
def _offset(data: Bytes, at: int, end: int) -> int:
    """The microseconds of `+01:00` or `-01:00` at `at`; DAY_US for anything else."""
    if end - at != 6 or data[at + 3] != 58 or (data[at] != 43 and data[at] != 45):
        return DAY_US
    hours = _number(data, at + 1, at + 3)
    minutes = _number(data, at + 4, at + 6)
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return DAY_US
    total = (hours * 60 + minutes) * MINUTE_US
    return total if data[at] == 43 else -total


@numba.njit(cache=True, nogil=True)
def read_instants(
    data: Bytes, offsets: Int64s, year_min: int, year_max: int, missing: int, instants: Int64s, local: Bools
) -> Bytes:
    """Read ISO 8601 text into `instants`; `local[i]` says that a row is wall time still to be placed in a zone.

    data: uint8[]; offsets: int64[N + 1] into it; instants: int64[N] and local: bool[N], both written.
    Returns uint8[N]: KNOWN (empty text gives `missing`) or ASK.
    """
    rows = len(offsets) - 1
    status = np.zeros(rows, np.uint8)
    first_day = _days(year_min, 1, 1)
    last_day = _days(year_max, 1, 1)
    for row in range(rows):
        start, end = _trim(data, offsets[row], offsets[row + 1])
        instants[row] = missing
        local[row] = False
        length = end - start
        if length == 0:
            continue
        status[row] = ASK
        if length not in (8, 10) and length < 16:
            continue
        days = _basic_date(data, start) if length == 8 else _date(data, start)
        if days < first_day or days >= last_day:
            continue
        if length <= 10:
            instants[row] = days * DAY_US
            local[row] = True
            status[row] = KNOWN
            continue
        separator = data[start + 10]
        if (separator != 84 and separator != 32) or data[start + 13] != 58:
            continue
        hour = _number(data, start + 11, start + 13)
        minute = _number(data, start + 14, start + 16)
        if hour < 0 or hour > 23 or minute < 0 or minute > 59:
            continue
        wall = days * DAY_US + (hour * 60 + minute) * MINUTE_US
        at = start + 16
        if at < end and data[at] == 58:
            if end - at < 3:
                continue
            second = _number(data, at + 1, at + 3)
            if second < 0 or second > 59:
                continue
            wall += second * 1_000_000
            at += 3
            if at < end and data[at] == 46:
                micros, at = _fraction(data, at + 1, end)
                if micros < 0:
                    continue
                wall += micros
        if at == end:
            local[row] = True
        elif end - at == 1 and data[at] == 90:
            pass
        else:
            offset = _offset(data, at, end)
            if offset == DAY_US:
                continue
            wall -= offset
        instants[row] = wall
        status[row] = KNOWN
    return status


@numba.njit(cache=True, nogil=True)
def read_units(data: Bytes, offsets: Int64s, missing: int, units: Int64s) -> Bytes:
    """Read decimal text into `units`, ten-thousandths. Arrays and answer as for `read_instants`."""
    rows = len(offsets) - 1
    status = np.zeros(rows, np.uint8)
    for row in range(rows):
        start, end = _trim(data, offsets[row], offsets[row + 1])
        units[row] = missing
        if start == end:
            continue
        status[row] = ASK
        negative = data[start] == 45
        if negative or data[start] == 43:
            start += 1
        value = 0
        whole = 0
        at = start
        while at < end and 48 <= data[at] <= 57 and whole < 15:
            value = value * 10 + (data[at] - 48)
            whole += 1
            at += 1
        if whole == 0 or whole > 14:
            continue
        decimals = 0
        if at < end and data[at] == 46:
            at += 1
            while at < end and 48 <= data[at] <= 57 and decimals < 4:
                value = value * 10 + (data[at] - 48)
                decimals += 1
                at += 1
            while at < end and data[at] == 48:
                at += 1
        if at < end:
            continue
        for _ in range(decimals, 4):
            value *= 10
        units[row] = -value if negative else value
        status[row] = KNOWN
    return status


@numba.njit(cache=True, nogil=True)
def suspicious(data: Bytes, offsets: Int64s, bytes_max: int) -> Bools:
    """Which texts hold a control character, nothing but spaces, or more than `bytes_max` bytes, bool[N]."""
    rows = len(offsets) - 1
    found = np.zeros(rows, np.bool_)
    for row in range(rows):
        start, end = offsets[row], offsets[row + 1]
        if end - start > bytes_max:
            found[row] = True
            continue
        blank = end > start
        for at in range(start, end):
            byte = data[at]
            blank &= byte == 32
            if byte < 32 or byte == 127 or (byte == 0xC2 and at + 1 < end and 0x80 <= data[at + 1] <= 0x9F):
                found[row] = True
                break
        found[row] |= blank
    return found
