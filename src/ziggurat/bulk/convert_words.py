"""Columns of words: text with few distinct values, flags, modes and types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from ziggurat.bulk.column import Column, UnreadableColumnError, codes_of, decoded, no_problem
from ziggurat.bulk.event_table import MODES, NO_MODE
from ziggurat.bulk.row_faults import shown
from ziggurat.program.near_words import did_you_mean

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def to_flags(array: pa.Array) -> Column:
    """True or false as bool, True for null. Text may be true, false, 1 or 0."""
    if pt.is_boolean(array.type):
        return Column(array.fill_null(True).to_numpy(zero_copy_only=False), None, no_problem)
    return _by_word(array, lambda word: _FLAGS.get(word.lower()), True, np.dtype(np.bool_), _flag_problem)


def _flag_problem(text: str) -> tuple[str, str]:
    return f"{shown(text)} is neither true nor false", "write true or false"


def to_modes(array: pa.Array) -> Column:
    """Indexes into `MODES` as int8, `NO_MODE` for null."""
    codes = {str(mode): code for code, mode in enumerate(MODES)}
    return _by_word(array, codes.get, NO_MODE, np.dtype(np.int8), _mode_problem)


def _mode_problem(text: str) -> tuple[str, str]:
    return f"{shown(text)} is not a mode", did_you_mean(text, map(str, MODES))


def _by_word(
    array: pa.Array,
    read: Callable[[str], Any],
    empty: int,
    dtype: np.dtype[Any],
    problem: Callable[[str], tuple[str, str]],
) -> Column:
    """Read a column of few distinct words."""
    words = to_words(array)
    names = words.dictionary.to_pylist()
    values = [read(name.strip()) for name in names]
    lookup = np.array([empty if value is None else value for value in values] + [empty], dtype)
    wrong = np.array([value is None for value in values] + [False], np.bool_)
    codes = codes_of(words, len(names))
    bad = wrong[codes] if wrong.any() else None
    return Column(
        lookup[codes], bad if bad is not None and bad.any() else None, lambda row: problem(names[int(codes[row])])
    )


def to_words(array: pa.Array) -> pa.DictionaryArray:
    """`array` as text, dictionary-encoded (int32 to string); empty text becomes null.

    A dictionary that came with the data may hold a word twice; `unified` mends that.
    """
    if not pt.is_dictionary(array.type):
        array = as_text(array).dictionary_encode()
    values = as_text(array.dictionary)
    codes = array.indices.cast(pa.int32())
    empty = pc.index(values, "").as_py() if len(values) else -1
    if empty >= 0 or values.null_count:
        words = pa.DictionaryArray.from_arrays(codes, values).dictionary_decode()
        return pc.if_else(pc.equal(words, ""), None, words).dictionary_encode()
    return pa.DictionaryArray.from_arrays(codes, values)


def as_text(array: pa.Array) -> pa.Array:
    """Numbers, flags and times as the text that a CSV file would hold.

    Raises:
        UnreadableColumnError: lists, structs and the like.
    """
    type_ = array.type
    if pt.is_string(type_):
        return array
    if pt.is_nested(type_) or pt.is_binary(type_) or pt.is_large_binary(type_):
        raise UnreadableColumnError(f"it holds {type_}, not text", "cast it to text")
    return decoded(array).cast(pa.string())


def to_type_codes(array: pa.Array, codes: dict[str, int]) -> Column:
    """Indexes into `TYPES` as int8, -1 for null and for unknown types; the latter are bad rows."""
    return _by_word(array, codes.get, -1, np.dtype(np.int8), lambda text: _type_problem(text, codes))


def _type_problem(text: str, codes: dict[str, int]) -> tuple[str, str]:
    return f"{shown(text)} is not a type of event", did_you_mean(text.strip(), codes)
