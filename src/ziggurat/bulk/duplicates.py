"""Rows that say the same id twice: the same fact again, or a contradiction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ziggurat.bulk.event_table import OPTIONAL_FIELDS, Bools, EventTable, Int64s


def find_duplicates(table: EventTable) -> tuple[Int64s, Int64s, Bools] | None:
    """Rows whose id an earlier row has, that earlier row, and whether both say the same; None if all ids differ.

    Rows without id are never taken for duplicates.
    """
    if table.id is None:
        return None
    said = len(table.id) - table.id.null_count
    if pc.count_distinct(table.id).as_py() == said:
        return None
    codes = table.id.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(codes >= 0)
    _, first, which = np.unique(codes[rows], return_index=True, return_inverse=True)
    earlier = rows[first][which]
    again = rows != earlier
    repeated, original = rows[again], earlier[again]
    return repeated, original, _same_content(table, repeated, original)


def _same_content(table: EventTable, rows: Int64s, others: Int64s) -> Bools:
    same = np.ones(len(rows), np.bool_)
    for name in ("member", "type", "occurred_at", *OPTIONAL_FIELDS):
        column = getattr(table, name)
        if column is not None and name != "id":
            comparable = _comparable(column)
            same &= comparable[rows] == comparable[others]
    return same


def _comparable(column: Any) -> Any:
    if isinstance(column, np.ndarray):
        return column
    codes = column.indices if isinstance(column, pa.DictionaryArray) else column.dictionary_encode().indices
    return codes.fill_null(-1).to_numpy(zero_copy_only=False)
