"""Compiled parts of `name_table`: texts to numbers by an open hash table.

A place of the table is -1, or 32 bits of a name's hash above its 32-bit code.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_EMPTY = -1
_TOGETHER = 256
_CODE_BITS = 32
_UPPER_SHIFT = 30
_CODE_MASK = (1 << _CODE_BITS) - 1
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_START = np.uint64(0xCBF29CE484222325)


def _load_word(typing: Any, data: Any, at: Any) -> Any:  # noqa: ARG001 - the signature that Numba calls
    """The eight bytes of `data` from `at` on as one number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(array.data, [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(data, types.intp), generate


_word: Any = intrinsic(_load_word)


@numba.njit(cache=True, nogil=True)
def _hash(data: Any, start: int, end: int) -> Any:
    """A number of 62 bits, not negative."""
    value, at = _START ^ np.uint64(end - start), start
    while at + 8 <= end:
        value = (value ^ _word(data, at)) * _FACTOR
        value ^= value >> np.uint64(29)
        at += 8
    rest = np.uint64(0)
    if end - start >= 8:
        rest = _word(data, end - 8)
    else:
        for k in range(at, end):
            rest = (rest << np.uint64(8)) | np.uint64(data[k])
    value = (value ^ rest) * _FACTOR
    value ^= value >> np.uint64(32)
    value *= _FACTOR
    return np.int64(value >> np.uint64(2))


@numba.njit(cache=True, nogil=True)
def _same(data: Any, start: int, end: int, names: Any, name: int, name_end: int) -> bool:
    if end - start != name_end - name:
        return False
    if end - start >= 8:
        while start + 8 <= end:
            if _word(data, start) != _word(names, name):
                return False
            start, name = start + 8, name + 8
        return start == end or _word(data, end - 8) == _word(names, name_end - 8)
    while start < end:
        if data[start] != names[name]:
            return False
        start, name = start + 1, name + 1
    return True


@numba.njit(cache=True, nogil=True)
def number_names(
    data: Any, offsets: Any, first: int, codes: Any, table: Any, hashes: Any, ends: Any, names: Any, count: int
) -> tuple[int, int]:
    """Write the code of each text from row `first` on; new ones get the next code.

    Some rows at a time are looked up step by step together, so that what they wait for from memory comes at once.

    data: uint8[] and offsets: int[N + 1], the texts; codes: int32[N]. table: int64[2^k]; hashes: int64[names]; ends:
    int64[names + 1] and names: uint8[], the names so far, `count` of them. Returns the row at which one of these was
    full (N: none was), and how many names there are.
    """
    mask = len(table) - 1
    values, entries = np.empty(_TOGETHER, np.int64), np.empty(_TOGETHER, np.int64)
    begins, stops = np.empty(_TOGETHER, np.int64), np.empty(_TOGETHER, np.int64)
    for block in range(first, len(codes), _TOGETHER):
        rows = min(_TOGETHER, len(codes) - block)
        for k in range(rows):
            values[k] = _hash(data, offsets[block + k], offsets[block + k + 1])
        for k in range(rows):
            entries[k] = table[values[k] & mask]
        for k in range(rows):
            code = entries[k] & _CODE_MASK if entries[k] != _EMPTY else 0
            begins[k], stops[k] = ends[code], ends[code + 1]
        for k in range(rows):
            row, entry = block + k, entries[k]
            start, end = offsets[row], offsets[row + 1]
            upper = (values[k] >> _UPPER_SHIFT) << _CODE_BITS
            code = entry & _CODE_MASK
            if entry != _EMPTY and entry - code == upper and _same(data, start, end, names, begins[k], stops[k]):
                codes[row] = code
                continue
            place = values[k] & mask
            while True:
                entry = table[place]
                if entry == _EMPTY:
                    if 2 * count >= len(table) or count >= len(hashes) or ends[count] + end - start > len(names):
                        return row, count
                    for byte in range(start, end):
                        names[ends[count] + byte - start] = data[byte]
                    ends[count + 1] = ends[count] + end - start
                    table[place], hashes[count] = upper | count, values[k]
                    code = count
                    count += 1
                    break
                code = entry & _CODE_MASK
                if entry - code == upper and _same(data, start, end, names, ends[code], ends[code + 1]):
                    break
                place = (place + 1) & mask
            codes[row] = code
    return len(codes), count


@numba.njit(cache=True, nogil=True)
def spread_names(table: Any, hashes: Any, count: int) -> None:
    """Fill an empty table."""
    mask = len(table) - 1
    for code in range(count):
        value = hashes[code]
        place = value & mask
        while table[place] != _EMPTY:
            place = (place + 1) & mask
        table[place] = ((value >> _UPPER_SHIFT) << _CODE_BITS) | code
