"""Every column that the full kernel reads, from a table of events in any order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ziggurat.bulk.event_table import MISSING, NO_MODE, TYPE_CODES, EventTable, Int64s
from ziggurat.bulk.reversals import resolve_reversals
from ziggurat.engine.history import Columns, value_tables
from ziggurat.engine.layout import FLAG_QUALIFYING, FLAG_WHOLE, MODE_SHIFT
from ziggurat.engine.plan import Plan
from ziggurat.program.calendar import NEVER
from ziggurat.program.events import EventType

_WHOLE_ACTIVITY = 10_000


def has(table: EventTable, kind: EventType) -> bool:
    """Whether some row is of that type."""
    code = TYPE_CODES[kind]
    if table.only_type is not None:
        return table.only_type is kind
    return bool((table.type == code).any())


def coded(column: pa.DictionaryArray | None, codes: dict[str, int], nothing: int = -1) -> Any:
    """The code of each row's word, -1 for one without, `nothing` where the row says none."""
    if column is None:
        return None
    words = [codes.get(str(word), -1) for word in column.dictionary.to_pylist()]
    lookup = np.array([*words, nothing], np.int32)
    return lookup[column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]


def all_columns(table: EventTable, plan: Plan, offsets: Int64s, order: Any) -> Columns:
    """The columns of `table` as the rows stand in `order` (None: as they are).

    Raises:
        BadEventsError: a reversal of an unknown event, or of more than remains.
    """
    rows = len(table)
    cells: dict[str, Any] = {
        "kind": table.type,
        "flags": np.full(rows, FLAG_QUALIFYING, np.uint8),
        "code": np.full(rows, -1, np.int32),
        "extra": np.zeros(rows, np.int64),
        "currency": _currencies(table, plan),
        "points": _said(table.points),
        "amount": _said(table.amount),
        "quantity": _quantities(table),
    }
    if table.qualifying is not None:
        cells["flags"][~table.qualifying] = 0
    if table.activity is not None:
        active = table.type == TYPE_CODES[EventType.ACTIVITY]
        _put(cells["code"], active, coded(table.activity, plan.codes("activities")))
    texts = _set_attributes(table, plan, cells)
    _overrule(table, plan, cells)
    if has(table, EventType.REVERSAL):
        _reverse(table, offsets, order, cells)
    numbers, dates = value_tables(plan, texts)
    if order is not None:
        cells = {name: c if c is None or c.strides == (0,) else c[order] for name, c in cells.items()}
    return Columns(**cells, numbers=numbers, dates=dates)


def _said(column: Any) -> Any:
    return None if column is None else np.where(column == MISSING, 0, column)


def _currencies(table: EventTable, plan: Plan) -> Any:
    if table.currency is None or not plan.currencies:
        return None
    others = dict.fromkeys(map(str, table.currency.dictionary.to_pylist()), len(plan.currencies) + 1)
    return coded(table.currency, {**others, "": 0, **plan.codes("currencies")}, nothing=0).astype(np.int8)


def _quantities(table: EventTable) -> Any:
    """How much each activity counts for; 0 for other events, None when there are no activities."""
    if not has(table, EventType.ACTIVITY):
        return None
    said = np.full(len(table), MISSING) if table.quantity is None else table.quantity
    active = table.type == TYPE_CODES[EventType.ACTIVITY]
    return np.where(active, np.where(said == MISSING, _WHOLE_ACTIVITY, said), 0)


def _set_attributes(table: EventTable, plan: Plan, cells: dict[str, Any]) -> list[str]:
    """Code the attributes set and number their values; answers those values' texts."""
    if not has(table, EventType.ATTRIBUTE_SET):
        return []
    setting = table.type == TYPE_CODES[EventType.ATTRIBUTE_SET]
    _put(cells["code"], setting, coded(table.attribute, plan.codes("attributes")))
    if table.value is None:
        return [""]
    texts = [*map(str, table.value.dictionary.to_pylist()), ""]
    numbers = {text: number for number, text in enumerate(texts)}
    _put(cells["extra"], setting, coded(table.value, numbers, nothing=numbers[""]))
    return texts


def _overrule(table: EventTable, plan: Plan, cells: dict[str, Any]) -> None:
    """Code the tiers, modes and ends of people's decisions."""
    if not has(table, EventType.TIER_OVERRIDE):
        return
    ruling = table.type == TYPE_CODES[EventType.TIER_OVERRIDE]
    _put(cells["code"], ruling, coded(table.tier, plan.codes("words")))
    until = np.full(len(table), NEVER) if table.until is None else np.where(table.until == MISSING, NEVER, table.until)
    _put(cells["extra"], ruling, until)
    if table.mode is not None:
        modes = np.where(table.mode == NO_MODE, 0, table.mode).astype(np.uint8)
        cells["flags"][ruling] |= modes[ruling] << MODE_SHIFT


def _reverse(table: EventTable, offsets: Int64s, order: Any, cells: dict[str, Any]) -> None:
    """Say of each reversal what it undoes, and how much of it."""
    reversals = resolve_reversals(table)
    assert reversals is not None, "there is one"
    rows = reversals.rows
    stands = reversals.of
    if order is not None:
        place_of = np.empty(len(table), order.dtype)
        place_of[order] = np.arange(len(table), dtype=order.dtype)
        stands = place_of[stands]
    cells["extra"][rows] = stands - offsets[table.member[rows]]
    cells["flags"][rows] = np.where(reversals.whole, FLAG_WHOLE, 0).astype(np.uint8)
    for name in ("points", "amount", "quantity"):
        if cells[name] is not None:
            cells[name][rows] = getattr(reversals, name)


def _put(target: Any, rows: Any, source: Any) -> None:
    if source is not None:
        target[rows] = source[rows]
