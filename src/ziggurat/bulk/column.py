"""What every column converter shares: what it answers, and how it looks at Arrow arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from ziggurat.bulk.event_table import MISSING, Bools, Int64s
from ziggurat.bulk.text_kernel import Bytes

Explain = Callable[[int], tuple[str, str]]


class UnreadableColumnError(ValueError):
    """A whole column is of a type that its field cannot be read from."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as read: `values`, which rows are `bad` (None: none), and what is wrong with a bad row."""

    values: NDArray[Any]
    bad: Bools | None
    explain: Explain


def text_buffers(array: pa.Array) -> tuple[Bytes, Int64s]:
    """The bytes of a string array and N + 1 offsets into them; null rows are empty."""
    if array.null_count:
        array = array.fill_null("")
    array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8), places


def is_text(type_: Any) -> bool:
    """Whether an Arrow type is text of some layout."""
    return bool(pt.is_string(type_) or pt.is_large_string(type_) or pt.is_string_view(type_))


def decoded(array: pa.Array) -> pa.Array:
    """`array`, or what it stands for if it is dictionary-encoded."""
    return array.dictionary_decode() if pt.is_dictionary(array.type) else array


def plain(array: pa.Array) -> tuple[NDArray[Any], Bools | None]:
    """The numbers of `array` (0 for null) and which rows are null (None: none)."""
    if not array.null_count:
        return array.to_numpy(zero_copy_only=False), None
    return array.fill_null(0).to_numpy(zero_copy_only=False), array.is_null().to_numpy(zero_copy_only=False)


def codes_of(words: pa.DictionaryArray, null: int) -> NDArray[np.int32]:
    """The codes of a dictionary column, `null` for null."""
    indices = words.indices.fill_null(null) if words.null_count else words.indices
    codes: NDArray[np.int32] = indices.to_numpy(zero_copy_only=False)
    return codes


def ask_each(array: pa.Array, status: Bytes, values: Int64s, read: Callable[[str], int]) -> Bools | None:
    """Read the rows that the compiled reader left, each distinct text once; which of them cannot be read."""
    asked = np.flatnonzero(status)
    if not len(asked):
        return None
    bad = np.zeros(len(array), np.bool_)
    known: dict[str, int | None] = {}
    for row, text in zip(asked.tolist(), array.take(pa.array(asked)).to_pylist(), strict=True):
        if text not in known:
            try:
                known[text] = read(text)
            except ValueError:
                known[text] = None
        value = known[text]
        bad[row] = value is None
        values[row] = MISSING if value is None else value
    return bad if bad.any() else None


def through_dictionary(array: pa.Array, convert: Callable[[pa.Array], Column], empty: int) -> Column:
    """Convert a dictionary column by converting its dictionary."""
    values = convert(array.dictionary)
    codes = codes_of(array, len(values.values))
    lookup = np.append(values.values, np.array([empty], values.values.dtype))
    bad = np.append(values.bad, False)[codes] if values.bad is not None else None
    return Column(
        lookup[codes], bad if bad is not None and bad.any() else None, lambda row: values.explain(int(codes[row]))
    )


def all_null(rows: int) -> Column:
    """A column of numbers that says nothing."""
    return Column(np.full(rows, MISSING, np.int64), None, no_problem)


def no_problem(row: int) -> tuple[str, str]:
    """Explains nothing, for columns whose rows are all readable."""
    raise AssertionError(f"row {row} is readable")
