"""Guards the sums that engines make: one member's amounts must fit an int64."""

from __future__ import annotations

import numpy as np

from ziggurat import limits
from ziggurat.bulk.event_table import MISSING, UNIT_FIELDS, EventTable


def rows_beyond_total(table: EventTable) -> list[tuple[int, str]]:
    """The rows (and fields) at which a member's sum of magnitudes passes `limits.MEMBER_TOTAL_UNITS_MAX`."""
    beyond: list[tuple[int, str]] = []
    for name in UNIT_FIELDS:
        units = getattr(table, name)
        if units is None or not len(units):
            continue
        largest = max(int(units.max()), -_least(units))
        if largest * len(units) <= limits.MEMBER_TOTAL_UNITS_MAX:
            continue
        sizes = np.where(units == MISSING, 0, np.abs(units)).astype(np.float64)
        totals = np.bincount(table.member, sizes, len(table.members))
        # Floats err far less than this margin; the exact sum decides.
        for code in np.flatnonzero(totals > limits.MEMBER_TOTAL_UNITS_MAX * 0.999).tolist():
            rows = np.flatnonzero((table.member == code) & (units != MISSING))
            total = 0
            for row in rows.tolist():
                total += abs(int(units[row]))
                if total > limits.MEMBER_TOTAL_UNITS_MAX:
                    beyond.append((row, name))
                    total -= abs(int(units[row]))
    return beyond


def _least(units: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    least = int(units.min())
    if least != MISSING:
        return least
    said = units[units != MISSING]
    return int(said.min()) if len(said) else 0
