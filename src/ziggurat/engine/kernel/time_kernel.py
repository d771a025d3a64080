"""Calendar arithmetic for the kernel: what `program.calendar` defines, over the plan's tables.

`T` is a plan's flat array, `zone` the position of a zone's row and `period` that of a period's, instants are UTC
microseconds. NEVER stays NEVER.
"""

from __future__ import annotations

from typing import Any

from ziggurat.engine.kernel.compiled import compiled, compiled_in_place
from ziggurat.engine.layout import (
    DAY_US,
    END_DAY,
    FIRST_DAY,
    HOUR_US,
    IRREGULAR,
    Q_COUNT,
    Q_HOURS,
    Q_MONTHS,
    Q_TABLE,
    Q_UNIT,
    U_DAY,
    U_HALF,
    U_HOUR,
    U_MONTH,
    U_QUARTER,
    U_WEEK,
    Z_BY_DAY,
    Z_BY_WALL_DAY,
    Z_OFFSET,
    Z_START,
    Z_STRETCHES,
    Z_WALL_END,
    Z_WALL_START,
)
from ziggurat.program.calendar import NEVER

END_US = END_DAY * DAY_US


@compiled
def civil(day: int) -> Any:
    """Year, month and day of the month of a day since 1970."""
    z = day + 719_468
    era = z // 146_097
    doe = z - era * 146_097
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (1 if month <= 2 else 0), month, doy - (153 * mp + 2) // 5 + 1


@compiled
def first_of_month(months: int) -> int:
    """The day since 1970 on which the month `months` (12 * year + month - 1) begins."""
    year = months // 12
    month = months - year * 12 + 1
    y = year - 1 if month <= 2 else year
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5
    return era * 146_097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719_468


@compiled
def stretch_at(T: Any, zone: int, t: int) -> int:
    """Which of the zone's stretches of one offset holds the instant `t`."""
    low, high = 0, T[zone + Z_STRETCHES]
    start = T[zone + Z_START]
    while high - low > 1:
        middle = (low + high) // 2
        if T[start + middle] <= t:
            low = middle
        else:
            high = middle
    return low


@compiled_in_place
def wall(T: Any, zone: int, t: int) -> int:
    """The local date and time of `t`, as microseconds since 1970 in local time."""
    offset = T[T[zone + Z_BY_DAY] + t // DAY_US - FIRST_DAY]
    if offset == IRREGULAR:
        offset = T[T[zone + Z_OFFSET] + stretch_at(T, zone, t)]
    return t + offset


@compiled
def instant_slowly(T: Any, zone: int, local: int) -> int:
    """The instant of a wall time on a day on which the clock changes."""
    i = stretch_at(T, zone, local - 2 * DAY_US)
    while T[T[zone + Z_WALL_END] + i] <= local:
        i += 1
    if local < T[T[zone + Z_WALL_START] + i]:
        return T[T[zone + Z_START] + i]
    return local - T[T[zone + Z_OFFSET] + i]


@compiled_in_place
def instant(T: Any, zone: int, day: int, time: int) -> int:
    """The instant of a local date and wall time; what a clock change skips is the first instant after it."""
    if day >= END_DAY:
        return NEVER
    offset = T[T[zone + Z_BY_WALL_DAY] + day - FIRST_DAY]
    if offset == IRREGULAR:
        return instant_slowly(T, zone, day * DAY_US + time)
    return day * DAY_US + time - offset


@compiled_in_place
def add(T: Any, zone: int, period: int, t: int) -> int:
    """`t` + the period."""
    if t == NEVER:
        return NEVER
    if T[period + Q_UNIT] == Q_HOURS:
        moved = t + T[period + Q_COUNT] * HOUR_US
        return moved if moved < END_US else NEVER
    local = wall(T, zone, t)
    day = local // DAY_US
    return instant(T, zone, T[T[period + Q_TABLE] + day - FIRST_DAY], local - day * DAY_US)


@compiled
def add_times(T: Any, zone: int, period: int, t: int, times: int) -> int:
    """`t` + `times` periods, reckoned from one start so that clamping never adds up."""
    unit, count = T[period + Q_UNIT], T[period + Q_COUNT] * times
    if unit == Q_HOURS:
        moved = t + count * HOUR_US
        return moved if moved < END_US else NEVER
    local = wall(T, zone, t)
    day = local // DAY_US
    time = local - day * DAY_US
    if unit == Q_MONTHS:
        year, month, of_month = civil(day)
        months = year * 12 + month - 1 + count
        first = first_of_month(months)
        day = min(first + of_month - 1, first_of_month(months + 1) - 1)
    else:
        day += count
    return instant(T, zone, day, time)


@compiled
def unit_start(day: int, unit: int) -> int:
    """The first day of the unit that holds `day`."""
    if unit == U_DAY:
        return day
    if unit == U_WEEK:
        return day - (day + 3) % 7
    year, month, _ = civil(day)
    size = 1 if unit == U_MONTH else 3 if unit == U_QUARTER else 6 if unit == U_HALF else 12
    return first_of_month(year * 12 + (month - 1) // size * size)


@compiled
def unit_after(first: int, unit: int) -> int:
    """The first day of the unit after the one that starts on `first`."""
    if unit == U_DAY:
        return first + 1
    if unit == U_WEEK:
        return first + 7
    year, month, _ = civil(first)
    size = 1 if unit == U_MONTH else 3 if unit == U_QUARTER else 6 if unit == U_HALF else 12
    return first_of_month(year * 12 + month - 1 + size)


@compiled
def enclosing(T: Any, zone: int, unit: int, t: int) -> Any:
    """The half-open stretch of a calendar unit that holds `t`."""
    local = wall(T, zone, t)
    if unit == U_HOUR:
        local = local // HOUR_US * HOUR_US
        day = local // DAY_US
        start = instant(T, zone, day, local - day * DAY_US)
        end = start
        while end <= t:
            local += HOUR_US
            day = local // DAY_US
            end = instant(T, zone, day, local - day * DAY_US)
        return start, end
    first = unit_start(local // DAY_US, unit)
    after = unit_after(first, unit)
    start, end = instant(T, zone, first, 0), instant(T, zone, after, 0)
    while end <= t:
        after = unit_after(after, unit)
        start, end = end, instant(T, zone, after, 0)
    return start, end


@compiled
def round_up(T: Any, zone: int, unit: int, t: int) -> int:
    """The end of the unit that holds `t`, unless `t` is itself such an end; as it is for unit -1."""
    if unit < 0 or t == NEVER:
        return t
    start, end = enclosing(T, zone, unit, t)
    return t if start == t else end


@compiled
def first_above(T: Any, table: int, count: int, t: int) -> int:
    """How many of the `count` sorted instants at `table` are at or before `t`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if T[table + middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def anniversary(T: Any, zone: int, period: int, unit: int, enrolled: int, k: int) -> int:
    """The end of the k-th cycle from enrolment, rounded up to `unit` (-1: not)."""
    return round_up(T, zone, unit, add_times(T, zone, period, enrolled, k))


@compiled
def anniversary_after(T: Any, zone: int, period: int, unit: int, enrolled: int, t: int) -> int:
    """The number, from 1, of the first cycle from enrolment that ends after `t`."""
    if t < enrolled or t == NEVER:
        return 1
    kind = T[period + Q_UNIT]
    shortest = T[period + Q_COUNT] * (HOUR_US if kind == Q_HOURS else DAY_US if kind != Q_MONTHS else 28 * DAY_US)
    low, high = 1, (t - enrolled) // shortest + 3
    while anniversary(T, zone, period, unit, enrolled, high) <= t:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        if anniversary(T, zone, period, unit, enrolled, middle) <= t:
            low = middle + 1
        else:
            high = middle
    return low


@compiled_in_place
def disorderly(T: Any, zone: int, period: int, t: int) -> bool:
    """Whether a contribution made after `t` may leave a rolling window before the one made at `t`.

    That happens at the end of months, where several days lead to one, and where clocks are set back.
    """
    if T[period + Q_UNIT] == Q_HOURS:
        return False
    day = t // DAY_US - FIRST_DAY
    table = T[zone + Z_BY_DAY]
    if T[table + day] == IRREGULAR or T[table + day + 1] == IRREGULAR:
        return True
    day = (t + T[table + day]) // DAY_US - FIRST_DAY
    table = T[period + Q_TABLE]
    return bool(T[table + day] == T[table + day + 1])
