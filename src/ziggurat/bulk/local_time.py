"""A zone's clock changes as arrays: local wall times to instants and back for whole columns.

The same rules as `program.calendar`, which tests hold it to: a wall time that a clock change skips is the first instant
after the gap, a doubled one the earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from whenever import Instant

from ziggurat import limits
from ziggurat.bulk.event_table import Int64s

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


@dataclass(frozen=True, slots=True, eq=False)
class ZoneTable:
    """The clock changes of one zone over the years that events may have, all in microseconds.

    at: int64[n], the instants of the changes. offset: int64[n + 1], local minus UTC before, between and after them.
    wall_end: int64[n], the wall time at which each change happens on the clock that it ends.
    """

    at: Int64s
    offset: Int64s
    wall_end: Int64s

    def to_instants(self, wall: Int64s) -> Int64s:
        """The instants of wall times (microseconds since 1970 on the local clock), int64[N] to int64[N]."""
        if not len(wall):
            return wall
        first = int(np.searchsorted(self.wall_end, wall.min(), "right"))
        last = int(np.searchsorted(self.wall_end, wall.max(), "right"))
        if first == last:
            instants: Int64s = wall - self.offset[first]
            return instants if first == 0 else np.maximum(instants, self.at[first - 1], out=instants)
        stretch = first + np.searchsorted(self.wall_end[first:last], wall, "right")
        earliest = np.concatenate([[np.iinfo(np.int64).min], self.at])
        instants = wall - self.offset[stretch]
        return instants.clip(earliest[stretch])

    def stretch_of(self, instants: Int64s) -> Int64s:
        """Which entry of `offset` holds at each instant."""
        return np.searchsorted(self.at, instants, "right").astype(np.int64, copy=False)


@lru_cache(maxsize=64)
def zone_table(zone: str) -> ZoneTable:
    """The clock changes of the IANA zone `zone`. Raises `whenever.TimeZoneNotFoundError` for an unknown one."""
    moment = Instant.from_utc(limits.INSTANT_YEAR_MIN - 2, 1, 1).to_tz(zone)
    at: list[int] = []
    offset = [_offset(moment.offset.total("nanoseconds"))]
    while (change := moment.next_transition()) is not None and change.year <= limits.CALENDAR_YEAR_MAX:
        at.append(change.timestamp(unit="microsecond"))
        offset.append(_offset(change.offset.total("nanoseconds")))
        moment = change
    instants = np.array(at, np.int64)
    offsets = np.array(offset, np.int64)
    return ZoneTable(instants, offsets, instants + offsets[:-1])


def _offset(nanoseconds: float) -> int:
    return int(nanoseconds) // 1_000
