"""Distinct names, numbered in the order in which they first come: members' names while files are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from ziggurat.bulk.column import text_buffers
from ziggurat.bulk.event_table import Int32s, Int64s
from ziggurat.bulk.name_kernel import number_names, spread_names
from ziggurat.bulk.text_kernel import Bytes

_PLACES = 1 << 12
_NAME_BYTES = 16
INT32_MAX = 2**31 - 1


class NameTable:
    """Names and their codes, from 0."""

    def __init__(self) -> None:
        self._count = 0
        self._table: Int64s = np.full(_PLACES, -1, np.int64)
        self._hashes: Int64s = np.empty(_PLACES, np.int64)
        self._ends: Int64s = np.zeros(_PLACES + 1, np.int64)
        self._names: Bytes = np.empty(_PLACES * _NAME_BYTES, np.uint8)

    def __len__(self) -> int:
        return self._count

    def codes_of(self, texts: pa.Array) -> Int32s:
        """int32[N], the code of each text (a string array of any layout, or a dictionary of one); null is ""."""
        if pt.is_dictionary(texts.type):
            known = self.codes_of(texts.dictionary)
            if not texts.null_count:
                plain: Int32s = known[texts.indices.to_numpy(zero_copy_only=False)]
                return plain
            known = np.append(known, self.codes_of(pa.array([""])))
            spread: Int32s = known[texts.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
            return spread
        data, offsets = _buffers(texts)
        codes, row = np.empty(len(texts), np.int32), 0
        while True:
            room = self._table, self._hashes, self._ends, self._names
            row, self._count = number_names(data, offsets, row, codes, *room, self._count)
            if row == len(codes):
                return codes
            self._grow(int(offsets[row + 1] - offsets[row]))

    def _grow(self, length: int) -> None:
        """Make room for more names, the next of which has `length` bytes."""
        if 2 * self._count >= len(self._table):
            self._table = np.full(4 * len(self._table), -1, np.int64)
            spread_names(self._table, self._hashes, self._count)
        if self._count >= len(self._hashes):
            self._hashes = _longer(self._hashes, 2 * len(self._hashes))
            self._ends = _longer(self._ends, len(self._hashes) + 1)
        if self._ends[self._count] + length > len(self._names):
            self._names = _longer(self._names, 2 * len(self._names) + length)

    def names(self, first: int = 0) -> pa.Array:
        """The names from code `first` on, a string array."""
        ends = self._ends[first : self._count + 1] - self._ends[first]
        data = self._names[self._ends[first] : self._ends[self._count]].tobytes()
        type_ = pa.string() if len(data) <= INT32_MAX else pa.large_string()
        offsets = ends.astype(np.int32) if type_ == pa.string() else ends
        return pa.Array.from_buffers(type_, len(ends) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _buffers(texts: pa.Array) -> tuple[Bytes, NDArray[Any]]:
    """The bytes of the texts and N + 1 offsets into them, as they stand where that is possible."""
    if pt.is_string_view(texts.type):
        texts = texts.cast(pa.string())
    if not pt.is_string(texts.type):
        return text_buffers(texts)
    if texts.null_count:
        texts = texts.fill_null("")
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8), places


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.empty(size, array.dtype)
    longer[: len(array)] = array
    return longer
