"""Compiled passes over columns of numbers: one pass over memory where NumPy would take several."""

from __future__ import annotations

from typing import Any

import numba

from ziggurat.bulk.event_table import Int64s
from ziggurat.bulk.text_kernel import ASK, KNOWN, Bytes


@numba.njit(cache=True, nogil=True)
def bounds(numbers: Any) -> tuple[int, int]:
    """The least and the greatest of some integers, at least one."""
    low = high = numbers[0]
    for number in numbers:
        low = min(low, number)
        high = max(high, number)
    return low, high


@numba.njit(cache=True, nogil=True)
def units_of_words(words: Int64s, factor: int, divisor: int, most: int, units: Int64s, status: Bytes) -> bool:
    """Read decimals of 128 bits, two words each, into ten-thousandths: times `factor`, or divided by `divisor`.

    words: int64[2N]; units: int64[N] and status: uint8[N], KNOWN or ASK, both written. What is more than `most` (before
    the factor, after the divisor) or does not divide evenly is to be asked. Returns whether some row is.
    """
    asks = False
    for row in range(len(units)):
        low, high = words[2 * row], words[2 * row + 1]
        part = low // divisor if divisor != 1 else low
        known = high == low >> 63 and -most <= part <= most and part * divisor == low
        units[row] = part * factor if known else 0
        status[row] = KNOWN if known else ASK
        asks |= not known
    return asks


@numba.njit(cache=True, nogil=True)
def mark(numbers: Any, low: int, present: Any) -> None:
    """Note in `present`, which starts at the number `low`, which numbers there are."""
    for number in numbers:
        present[number - low] = True


@numba.njit(cache=True, nogil=True)
def recode(numbers: Any, low: int, lookup: Any, codes: Any) -> None:
    """Write the code of each number: its distance from `low`, or what `lookup` has there unless it is empty."""
    if len(lookup) == 0:
        for row in range(len(numbers)):
            codes[row] = numbers[row] - low
    else:
        for row in range(len(numbers)):
            codes[row] = lookup[numbers[row] - low]


@numba.njit(cache=True, nogil=True)
def words_of_units(units: Int64s, unsaid: int, words: Any, said: Any) -> None:
    """Write ten-thousandths as the two words of decimals, and which of them say something.

    units: int64[N]; words: int64[N, 2] and said: bool[N], both written.
    """
    for row in range(len(units)):
        unit = units[row]
        said[row] = unit != unsaid
        words[row, 0] = unit if said[row] else 0
        words[row, 1] = unit >> 63 if said[row] else 0


@numba.njit(cache=True, nogil=True)
def code_words(numbers: Any, lookup: Any, occurring: Any, codes: Any) -> int:
    """Number words anew in the order in which they occur; answers how many do.

    numbers: integers, -1 for the last of the words; lookup: int32[words + 1], -1 at first; occurring: int64[words] and
    codes: int32[N], both written.
    """
    count, last = 0, len(lookup) - 2
    for row in range(len(numbers)):
        number = numbers[row]
        if number < 0:
            number = last
        if lookup[number] < 0:
            lookup[number] = count
            occurring[count] = number
            count += 1
        codes[row] = lookup[number]
    return count
