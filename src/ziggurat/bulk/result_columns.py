"""The kernel's answers as the tables that a replay gives, column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ziggurat.bulk.column_kernel import code_words, words_of_units
from ziggurat.bulk.parts import in_parts
from ziggurat.bulk.result_tables import AMOUNT, INSTANT, TIERS, TRANSITIONS, WORD
from ziggurat.engine.layout import UNSAID
from ziggurat.engine.results import CAUSES, KINDS, NOBODY, Results
from ziggurat.program.calendar import NEVER


def tiers_of(members: pa.Array, results: Results) -> pa.Table:
    """Where members stand (schema `TIERS`), those left out to whom nothing happened."""
    states = results.states
    known = np.flatnonzero(states.index != NOBODY)
    everybody = len(known) == len(results)

    def of(column: Any) -> Any:
        return column if everybody else column[known]

    names = [*results.names, ""]
    return pa.table(
        [
            _members(members if everybody else members.take(pa.array(known))),
            _words(of(states.name), names),
            _instants(of(states.since)),
            _instants(of(states.expires_at)),
            _amounts(of(states.value)),
            _words(of(states.next_name), names),
            _amounts(of(states.missing)),
        ],
        schema=TIERS,
    )


def transitions_of(members: pa.Array, results: Results) -> pa.Table:
    """Every move (schema `TRANSITIONS`)."""
    parts = [moves for _, _, moves in results.parts]
    names = [*results.names, ""]

    def of(name: str) -> Any:
        columns = [getattr(moves, name) for moves in parts]
        return np.concatenate(columns) if columns else np.zeros(0, np.int64)

    movers = np.repeat(np.arange(len(results), dtype=np.int32), results.moved)
    return pa.table(
        [
            _members(members.take(pa.array(movers))),
            _instants(of("at")),
            _words(of("kind"), [str(kind) for kind in KINDS]),
            _words(of("from_name"), names),
            _words(of("to_name"), names),
            _words(of("cause"), [str(cause) for cause in CAUSES]),
            _amounts(of("value")),
            _instants(of("expires_at")),
        ],
        schema=TRANSITIONS,
    )


def _members(names: pa.Array) -> pa.Array:
    return names if names.type == pa.string() else names.cast(pa.string())


def _instants(column: Any) -> pa.Array:
    return pa.array(column, pa.int64(), mask=_mask(column == NEVER)).view(INSTANT)


def _amounts(column: Any) -> pa.Array:
    words = np.empty((len(column), 2), np.int64)  # a decimal of 128 bits is its low word, then its high one
    said = np.empty(len(column), np.bool_)
    in_parts(len(column), lambda a, b: words_of_units(column[a:b], UNSAID, words[a:b], said[a:b]))
    present = None if said.all() else pa.py_buffer(np.packbits(said, bitorder="little"))
    return pa.Array.from_buffers(AMOUNT, len(column), [present, pa.py_buffer(words)])


def _mask(missing: Any) -> Any:
    return missing if missing.any() else None


def _words(numbers: Any, words: list[str]) -> pa.Array:
    """Words by number, in a dictionary of those that occur, in that order; -1 is the last of `words`."""
    lookup = np.full(len(words) + 1, -1, np.int32)
    codes = np.empty(len(numbers), np.int32)
    occurring = np.empty(len(words), np.int64)
    count = code_words(numbers, lookup, occurring, codes)
    listed = [words[number] for number in occurring[:count].tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(listed, pa.string())).cast(WORD)
