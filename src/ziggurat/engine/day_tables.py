"""Calendar tables: clock changes of a zone, and where a period leads from each day. Made once, read by the kernel."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whenever import Instant

from ziggurat.engine.layout import DAY_US, DAYS, END_DAY, FIRST_DAY, IRREGULAR
from ziggurat.program.calendar import BEGINNING, NEVER, Period, Unit

Int64s: TypeAlias = NDArray[np.int64]

_LAST_YEAR = 2401


class ZoneTables(NamedTuple):
    """One zone: offsets by UTC day and by local day (IRREGULAR where the clock changes), and stretches of one offset.

    A stretch reads wall times `[wall_start, wall_end)`; instants and offsets are microseconds.
    """

    by_day: Int64s
    by_wall_day: Int64s
    start: Int64s
    offset: Int64s
    wall_start: Int64s
    wall_end: Int64s


@lru_cache(maxsize=64)
def zone_tables(zone: str) -> ZoneTables:
    """The tables of the IANA zone `zone`, from 1968 to 2400."""
    starts, offsets = _stretches(zone)
    start = np.array(starts, np.int64)
    offset = np.array(offsets, np.int64)
    wall_start = start.copy()
    wall_start[1:] += offset[1:]
    wall_end = np.append(start[1:] + offset[:-1], NEVER)
    days = np.arange(FIRST_DAY, FIRST_DAY + DAYS, dtype=np.int64) * DAY_US
    by_day = offset[np.searchsorted(start, days, "right") - 1]
    changes = start[1:]
    inside = changes[changes % DAY_US != 0] // DAY_US - FIRST_DAY
    by_day[inside[(inside >= 0) & (inside < DAYS)]] = IRREGULAR
    # the first stretch that ends after a wall time reads it first
    by_wall_day = offset[np.minimum(np.searchsorted(wall_end, days, "right"), len(offset) - 1)]
    for change, before, after in zip(changes.tolist(), offset[:-1].tolist(), offset[1:].tolist(), strict=True):
        first, last = (change + min(before, after)) // DAY_US, (change + max(before, after) - 1) // DAY_US
        by_wall_day[max(first - FIRST_DAY, 0) : max(last + 1 - FIRST_DAY, 0)] = IRREGULAR
    return ZoneTables(by_day, by_wall_day, start, offset, wall_start, wall_end)


def _stretches(zone: str) -> tuple[list[int], list[int]]:
    moment = Instant.from_utc(1967, 1, 1).to_tz(zone)
    starts, offsets = [BEGINNING], [_offset(moment)]
    while (following := moment.next_transition()) is not None and following.year < _LAST_YEAR:
        moment = following
        if (offset := _offset(moment)) != offsets[-1]:
            starts.append(moment.timestamp(unit="microsecond"))
            offsets.append(offset)
    return starts, offsets


def _offset(moment: object) -> int:
    return int(moment.offset.total("microseconds"))  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def days_after(period: Period) -> Int64s:
    """For each day from FIRST_DAY on, the day `period` (days or longer) after it; END_DAY for all that are later."""
    days = np.arange(FIRST_DAY, FIRST_DAY + DAYS, dtype=np.int64)
    if period.unit in (Unit.DAYS, Unit.WEEKS):
        after = days + period.count * (7 if period.unit is Unit.WEEKS else 1)
    else:
        dates = days.astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        day_of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
        target = months + np.timedelta64(period.count * (12 if period.unit is Unit.YEARS else 1), "M")
        first = target.astype("datetime64[D]").astype(np.int64)
        last = (target + 1).astype("datetime64[D]").astype(np.int64) - 1
        after = np.minimum(first + day_of_month, last)
    return np.minimum(after, END_DAY)
