"""Columns that grow chunk by chunk and become whole arrays at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ziggurat.bulk.column_kernel import bounds, mark, recode
from ziggurat.bulk.event_table import Int8s, Int32s, Int64s
from ziggurat.bulk.name_table import NameTable
from ziggurat.bulk.parts import in_parts

WORDS = pa.dictionary(pa.int32(), pa.string())
INT32_MAX = 2**31 - 1


def unified(pieces: list[pa.DictionaryArray]) -> pa.ChunkedArray:
    """The pieces over one dictionary that holds no word twice."""
    first = pieces[0].dictionary
    # Arrow leaves equal dictionaries as they are, and merges words as it unifies different ones.
    if all(len(piece.dictionary) == len(first) for piece in pieces) and pc.count_distinct(first).as_py() < len(first):
        pieces = [piece.dictionary_decode().dictionary_encode() for piece in pieces]
    return pa.chunked_array(pieces, WORDS).unify_dictionaries()


class NumberColumn:
    """A NumPy column. `expected` rows, when known, are set aside at once, so that nothing is copied twice."""

    def __init__(self, dtype: Any, empty: Any, expected: int = 0) -> None:
        self.empty = empty
        self.whole: NDArray[Any] | None = np.empty(expected, dtype) if expected else None
        self.pieces: list[NDArray[Any]] = []
        self.dtype = dtype
        self.end = 0

    def put(self, start: int, values: NDArray[Any]) -> None:
        """Rows from `start` on; rows before it that nobody put are empty."""
        if start > self.end:
            self._put(np.full(start - self.end, self.empty, self.dtype))
        self._put(values)

    def _put(self, values: NDArray[Any]) -> None:
        end = self.end + len(values)
        if self.whole is not None and end <= len(self.whole):
            self.whole[self.end : end] = values
        else:
            if self.whole is not None:
                self.pieces, self.whole = [self.whole[: self.end]], None
            self.pieces.append(values.astype(self.dtype, copy=False))
        self.end = end

    def finish(self, rows: int) -> NDArray[Any]:
        """All rows."""
        if rows > self.end:
            self._put(np.full(rows - self.end, self.empty, self.dtype))
        if self.whole is not None:
            return self.whole if rows == len(self.whole) else self.whole[:rows]
        pieces, self.pieces = self.pieces, []
        if len(pieces) == 1:
            return pieces[0].astype(self.dtype, copy=False)
        return np.concatenate([np.empty(0, self.dtype), *pieces], dtype=self.dtype)


class ArrowColumn:
    """An Arrow column: words (dictionary-encoded text) or identifiers."""

    def __init__(self) -> None:
        self.pieces: list[pa.Array] = []
        self.end = 0

    def put(self, start: int, values: pa.Array) -> None:
        """Rows from `start` on; rows before it that nobody put are null."""
        if start > self.end:
            self.pieces.append(pa.nulls(start - self.end, values.type))
        self.pieces.append(values)
        self.end = start + len(values)

    def finish(self, rows: int) -> pa.Array:
        """All rows as one array: words over one dictionary, identifiers over one type."""
        if rows > self.end:
            self.pieces.append(pa.nulls(rows - self.end, self.pieces[-1].type if self.pieces else pa.large_string()))
        types = {piece.type for piece in self.pieces}
        if types == {WORDS}:
            return unified(self.pieces).combine_chunks()
        type_ = types.pop() if len(types) == 1 else pa.large_string()
        return pa.chunked_array([piece.cast(type_) for piece in self.pieces], type_).combine_chunks()


class TypeColumn:
    """The type codes; one code for all rows stays one byte."""

    def __init__(self) -> None:
        self.pieces: list[Int8s] = []

    def put(self, codes: Int8s) -> None:
        """The next rows; a piece with stride 0 has one type."""
        self.pieces.append(codes)

    def finish(self) -> Int8s:
        """All rows."""
        pieces = [piece for piece in self.pieces if len(piece)]
        if pieces and all(piece.strides == (0,) and piece[0] == pieces[0][0] for piece in pieces):
            return np.broadcast_to(pieces[0][0], sum(map(len, pieces)))
        return np.concatenate([np.empty(0, np.int8), *pieces])


class MemberColumn:
    """Member names, text or integers, to codes into distinct names.

    Attributes:
        texts: the names so far, once some came as text.
    """

    def __init__(self, expected: int = 0) -> None:
        self.expected = expected
        self.numbers = NumberColumn(np.int32, 0, expected)
        self.texts: NameTable | None = None
        self.rows = 0

    def put_numbers(self, numbers: NDArray[Any]) -> None:
        """The next rows, integers; their names are their decimal text."""
        if self.texts is not None:
            self.put_texts(pa.array(numbers).cast(pa.string()))
            return
        if self.numbers.dtype == np.int32 and len(numbers):
            low, high = bounds(numbers)
            if low < -INT32_MAX or high > INT32_MAX:
                wider = NumberColumn(np.int64, 0, self.expected)
                wider.put(0, self.numbers.finish(self.rows).astype(np.int64))
                self.numbers = wider
        self.numbers.put(self.rows, numbers)
        self.rows += len(numbers)

    def put_texts(self, texts: pa.Array) -> Int32s:
        """The next rows, text (null is ""); answers their codes into `texts`."""
        if self.texts is None:
            self.texts = NameTable()
            if self.rows:
                codes, names = _codes_of_numbers(self.numbers.finish(self.rows))
                known = self.texts.codes_of(names)
                self.numbers = NumberColumn(np.int32, 0, self.expected)
                self.numbers.put(0, known[codes])
        codes = self.texts.codes_of(texts)
        self.numbers.put(self.rows, codes)
        self.rows += len(codes)
        return codes

    def finish(self) -> tuple[Int32s, pa.Array]:
        """int32[N] codes and the distinct names (strings)."""
        numbers = self.numbers.finish(self.rows)
        return _codes_of_numbers(numbers) if self.texts is None else (numbers, self.texts.names())


def _codes_of_numbers(numbers: NDArray[Any]) -> tuple[Int32s, pa.Array]:
    if not len(numbers):
        return np.empty(0, np.int32), pa.array([], pa.string())
    ends = in_parts(len(numbers), lambda a, b: bounds(numbers[a:b]))
    low, high = int(min(low for low, _ in ends)), int(max(high for _, high in ends))
    span = high - low + 1
    if span > max(4 * len(numbers), 1 << 20):
        encoded = pa.array(numbers).dictionary_encode()
        return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.cast(pa.string())
    # In place, unless the numbers are a view of the caller's own memory.
    in_place = numbers.dtype == np.int32 and numbers.flags.writeable and numbers.flags.owndata
    codes = numbers if in_place else np.empty(len(numbers), np.int32)
    present = np.zeros(span, np.bool_)
    in_parts(len(numbers), lambda a, b: mark(numbers[a:b], low, present))
    known: Int64s = np.flatnonzero(present)
    lookup = np.empty(0, np.int32) if len(known) == span else np.cumsum(present, dtype=np.int32) - np.int32(1)
    in_parts(len(numbers), lambda a, b: recode(numbers[a:b], low, lookup, codes[a:b]))
    return codes, pc.cast(pa.array(known + low), pa.string())
