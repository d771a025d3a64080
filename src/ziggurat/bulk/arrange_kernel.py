"""Compiled parts of `arrange`: grouping rows by member, keeping them in order, and moving columns there."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from ziggurat.engine.kernel.rules_kernel import contribution


@numba.njit(cache=True, nogil=True)
def is_arranged(member: Any, at: Any, first: int, last: int) -> bool:
    """Whether rows [first, last) follow the ones before member by member (in the order of codes), then by instant."""
    for i in range(max(first, 1), last):
        if member[i] < member[i - 1] or (member[i] == member[i - 1] and at[i] < at[i - 1]):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def count_members(member: Any, offsets: Any) -> None:
    """Write where each member's rows begin once grouped; `offsets` is zero at first."""
    for i in range(len(member)):
        offsets[member[i] + 1] += 1
    for m in range(len(offsets) - 1):
        offsets[m + 1] += offsets[m]


@numba.njit(cache=True, nogil=True)
def group_rows(member: Any, offsets: Any, order: Any) -> None:
    """Write the rows member by member, each member's in order of arrival."""
    place = offsets.copy()
    for i in range(len(member)):
        m = member[i]
        order[place[m]] = i
        place[m] += 1


@numba.njit(cache=True, nogil=True)
def order_rows(offsets: Any, order: Any, at: Any, occurred_at: Any, first: int, last: int) -> None:
    """Put each member's rows in order of instants, arrival where they tie, and write the instants."""
    for m in range(first, last):
        begin, end = offsets[m], offsets[m + 1]
        sorted_so_far = True
        for j in range(begin, end):
            occurred_at[j] = at[order[j]]
            sorted_so_far &= j == begin or occurred_at[j] >= occurred_at[j - 1]
        if sorted_so_far:
            continue
        if end - begin <= 64:
            for j in range(begin + 1, end):
                t, row, k = occurred_at[j], order[j], j
                while k > begin and occurred_at[k - 1] > t:
                    occurred_at[k], order[k] = occurred_at[k - 1], order[k - 1]
                    k -= 1
                occurred_at[k], order[k] = t, row
        else:
            by_time = np.argsort(occurred_at[begin:end], kind="mergesort")
            times, rows = occurred_at[begin:end].copy(), order[begin:end].copy()
            for k in range(end - begin):
                occurred_at[begin + k], order[begin + k] = times[by_time[k]], rows[by_time[k]]


@numba.njit(cache=True, nogil=True)
def move(source: Any, order: Any, target: Any, missing: int, instead: int, first: int, last: int) -> None:
    """Write `source` in the order of rows, `instead` for `missing`."""
    for j in range(first, last):
        value = source[order[j]]
        target[j] = instead if value == missing else value


@numba.njit(cache=True, nogil=True)
def add_up(
    measure: int,
    name: int,
    missing: int,
    arranged: bool,
    order: Any,
    columns: Any,
    mask: Any,
    target: Any,
    first: int,
    last: int,
) -> int:
    """Write what each event adds to the only sum; answers the least."""
    kinds, flags, same_money, codes, points, amounts, quantities = columns
    least = 0
    for j in range(first, last):
        r = j if arranged else order[j]
        p, a, q = points[r & mask[4]], amounts[r & mask[5]], quantities[r & mask[6]]
        value, _ = contribution(
            measure,
            name,
            kinds[r & mask[0]],
            flags[r & mask[1]],
            same_money[r & mask[2]],
            codes[r & mask[3]],
            0 if p == missing else p,
            0 if a == missing else a,
            10_000 if q == missing else q,
            True,
        )
        target[j] = value
        least = min(least, value)
    return least
