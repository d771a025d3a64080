"""What a replay answers, as columns: everybody's tier, and every move that led there.

Rows stand in the order of the table's members, moves of a member in order of time, whichever engine evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from ziggurat.engine.timeline import State, Transition
from ziggurat.program.amounts import SCALE

INSTANT = pa.timestamp("us", "UTC")
WORD = pa.dictionary(pa.int32(), pa.string())
AMOUNT = pa.decimal128(19, 4)
"""An int64 of ten-thousandths, as the decimal that it stands for."""

TIERS = pa.schema(
    {
        "member": pa.string(),
        "tier": WORD,
        "since": INSTANT,
        "expires_at": INSTANT,
        "value": AMOUNT,
        "next_tier": WORD,
        "missing": AMOUNT,
    }
)
"""One row a member: `tier` and `next_tier` are empty for none, `expires_at` and `missing` null where there is none."""
TRANSITIONS = pa.schema(
    {
        "member": pa.string(),
        "at": INSTANT,
        "kind": WORD,
        "from": WORD,
        "to": WORD,
        "cause": WORD,
        "value": AMOUNT,
        "expires_at": INSTANT,
    }
)
"""One row a move or renewal: `from` and `to` are empty for none."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Everybody's tier (schema `TIERS`) and every move (schema `TRANSITIONS`) as of an instant (UTC microseconds)."""

    tiers: pa.Table
    transitions: pa.Table
    as_of: int


def amounts(units: Iterable[int | None]) -> pa.Array:
    """Ten-thousandths as decimals."""
    # As wholes of scale 0 first; the same bits are the right decimals at scale 4.
    return pa.array(units, pa.int64()).cast(pa.decimal128(19, 0)).view(AMOUNT)


def tiers_table(rows: Iterable[tuple[str, State]]) -> pa.Table:
    """The table of where members stand."""
    said = list(rows)
    columns: list[list[Any]] = [
        [member for member, _ in said],
        [state.tier for _, state in said],
        [state.since for _, state in said],
        [state.expires_at for _, state in said],
        [state.value for _, state in said],
        [state.next_tier for _, state in said],
        [state.missing for _, state in said],
    ]
    return _table(columns, TIERS)


def transitions_table(rows: Iterable[tuple[str, Transition]]) -> pa.Table:
    """The table of members' moves."""
    said = list(rows)
    columns: list[list[Any]] = [
        [member for member, _ in said],
        [move.at for _, move in said],
        [str(move.kind) for _, move in said],
        [move.from_tier for _, move in said],
        [move.to_tier for _, move in said],
        [str(move.cause) for _, move in said],
        [move.value for _, move in said],
        [move.expires_at for _, move in said],
    ]
    return _table(columns, TRANSITIONS)


def _table(columns: list[list[Any]], schema: pa.Schema) -> pa.Table:
    arrays = [_column(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _column(values: list[Any], type_: Any) -> pa.Array:
    if type_ == AMOUNT:
        return amounts(values)
    if type_ == WORD:
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, type_)


def with_text_amounts(table: pa.Table) -> pa.Table:
    """`table` with its amounts as the shortest decimal text, as CSV and JSON lines hold them."""
    return _mapped(table, lambda column: _shortest(column) if pt.is_decimal(column.type) else column)


def _shortest(column: Any) -> Any:
    text = column.cast(pa.string())  # four decimal places always
    return pc.utf8_rtrim(pc.utf8_rtrim(text, characters="0"), characters=".")


def with_plain_words(table: pa.Table) -> pa.Table:
    """`table` with its words as plain strings."""
    return _mapped(table, lambda column: column.cast(pa.string()) if pt.is_dictionary(column.type) else column)


def _mapped(table: pa.Table, change: Any) -> pa.Table:
    return pa.table([change(column) for column in table.columns], names=table.column_names)


def counts(column: Any) -> Iterator[tuple[str, int]]:
    """How many rows hold each word of a column of words."""
    for each in pc.value_counts(column.combine_chunks()).to_pylist():
        yield each["values"], each["counts"]


def unit_amounts(column: Any) -> pa.Array:
    """A column of amounts as ten-thousandths, int64: the inverse of `amounts`."""
    return pc.multiply(column, pa.scalar(SCALE, pa.decimal128(5, 0))).cast(pa.int64())
