"""Events as they arrived, grouped by member and in order: from a table to the histories that a plan reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from ziggurat.bulk import arrange_kernel
from ziggurat.bulk.event_table import MISSING, NO_MODE, TYPE_CODES, EventTable, Int32s, Int64s
from ziggurat.bulk.reversals import resolve_reversals
from ziggurat.engine.history import Columns, Histories, value_tables
from ziggurat.engine.layout import FLAG_QUALIFYING, FLAG_WHOLE, MEASURES, MODE_SHIFT
from ziggurat.engine.plan import Plan
from ziggurat.engine.plan_shape import Shape
from ziggurat.program.calendar import NEVER
from ziggurat.program.events import EventType
from ziggurat.program.model import MeasureKind

_PLAIN_ONLY = (EventType.REVERSAL, EventType.TIER_OVERRIDE)
_WHOLE_ACTIVITY = 10_000


def arrange(table: EventTable, plan: Plan) -> Histories:
    """The histories of `table`'s members (by their codes), in the columns that `plan` reads.

    Rows that already stand so are not copied.

    Raises:
        BadEventsError: a reversal of an unknown event, or of more than remains.
    """
    members, rows = len(table.members), len(table)
    offsets = np.zeros(members + 1, np.int64)
    arrange_kernel.count_members(table.member, offsets)
    occurred_at, order = np.ascontiguousarray(table.occurred_at), None
    if not arrange_kernel.is_arranged(table.member, occurred_at):
        order = np.empty(rows, np.int32 if rows < 2**31 else np.int64)
        arrange_kernel.group_rows(table.member, offsets, order)
        arrived, occurred_at, by_rows = occurred_at, np.empty(rows, np.int64), order
        _in_parts(members, lambda a, b: arrange_kernel.order_rows(offsets, by_rows, arrived, occurred_at, a, b))
    if plan.shape is not Shape.FULL and not any(_has(table, kind) for kind in _PLAIN_ONLY):
        amount, least = _sums(table, plan, order)
        return Histories(offsets, occurred_at, amount, rises_only=least >= 0)
    return Histories(offsets, occurred_at, columns=_columns(table, plan, offsets, order))


def _in_parts(count: int, work: Callable[[int, int], Any]) -> list[Any]:
    """`work(first, last)` over [0, count) in parts, on all cores."""
    threads = len(os.sched_getaffinity(0))
    edges = np.linspace(0, count, (threads * 8 if count > 100_000 else 1) + 1).astype(np.int64).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))


def _has(table: EventTable, kind: EventType) -> bool:
    code = TYPE_CODES[kind]
    if table.only_type is not None:
        return table.only_type is kind
    return bool((table.type == code).any())


def _sums(table: EventTable, plan: Plan, order: Any) -> tuple[Int64s, int]:
    """What each event adds to the plan's only sum, and the least of it or 0."""
    measure = plan.measures[0]
    ready = _ready_column(table, plan) if order is None else None
    if ready is not None and len(ready) and int(ready.min()) != MISSING:
        return ready, int(ready.min())
    kinds = table.type[:1] if table.only_type is not None else np.ascontiguousarray(table.type)
    flags = None if table.qualifying is None else table.qualifying.astype(np.uint8) * FLAG_QUALIFYING
    codes = _coded(table.activity, plan.codes("activities")) if measure.kind is MeasureKind.ACTIVITY else None
    given = (
        (kinds, np.int8, 0),
        (flags, np.uint8, FLAG_QUALIFYING),
        (_same_money(table, plan.revisions[0].program.currency), np.bool_, True),
        (codes, np.int32, -1),
        (table.points, np.int64, MISSING),
        (table.amount, np.int64, MISSING),
        (table.quantity, np.int64, MISSING),
    )
    columns = tuple(np.full(1, nothing, dtype) if column is None else column for column, dtype, nothing in given)
    mask = np.array([0 if len(column) == 1 else -1 for column in columns], np.int64)
    amount = np.empty(len(table), np.int64)
    kind, name = MEASURES.index(measure.kind), 0 if measure.kind is MeasureKind.ACTIVITY else -1
    rows = np.zeros(1, np.int32) if order is None else order
    arranged = order is None
    least = _in_parts(
        len(table),
        lambda a, b: arrange_kernel.add_up(kind, name, MISSING, arranged, rows, columns, mask, amount, a, b),
    )
    return amount, min(least, default=0)


def _ready_column(table: EventTable, plan: Plan) -> Int64s | None:
    """The column that is itself the sum's amounts, if one is: all rows of one type, and all of them count."""
    currency = plan.revisions[0].program.currency
    if table.qualifying is not None or (currency and table.currency is not None):
        return None
    match plan.measures[0].kind, table.only_type:
        case MeasureKind.SPEND, EventType.ORDER_PLACED:
            return table.amount
        case MeasureKind.POINTS_EARNED, EventType.POINTS_EARNED | EventType.POINTS_ADJUSTED | EventType.ORDER_PLACED:
            return table.points
    return None


def _same_money(table: EventTable, currency: str) -> Any:
    if not currency or table.currency is None:
        return None
    codes = _coded(table.currency, {currency: 1}, nothing=0)
    return codes >= 0


def _coded(column: pa.DictionaryArray | None, codes: dict[str, int], nothing: int = -1) -> Int32s | None:
    """The code of each row's word, -1 for one without, `nothing` where the row says none."""
    if column is None:
        return None
    words = [codes.get(str(word), -1) for word in column.dictionary.to_pylist()]
    lookup = np.array([*words, nothing], np.int32)
    return lookup[column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]


# --- every column, for the full kernel


def _columns(table: EventTable, plan: Plan, offsets: Int64s, order: Any) -> Columns:
    rows = len(table)
    flags = np.full(rows, FLAG_QUALIFYING, np.uint8)
    if table.qualifying is not None:
        flags[~table.qualifying] = 0
    code, extra = np.full(rows, -1, np.int32), np.zeros(rows, np.int64)
    amounts = {name: getattr(table, name) for name in ("points", "amount")}
    amounts = {name: None if c is None else np.where(c == MISSING, 0, c) for name, c in amounts.items()}
    quantity = _quantities(table)
    texts: list[str] = []
    if table.activity is not None:
        _put(code, table.type == TYPE_CODES[EventType.ACTIVITY], _coded(table.activity, plan.codes("activities")))
    setting = table.type == TYPE_CODES[EventType.ATTRIBUTE_SET]
    if setting.any():
        _put(code, setting, _coded(table.attribute, plan.codes("attributes")))
        texts = [] if table.value is None else [str(text) for text in table.value.dictionary.to_pylist()]
        texts.append("")
        numbers = {text: number for number, text in enumerate(texts)}
        _put(extra, setting, _coded(table.value, numbers, nothing=numbers[""]))
        if table.value is None:
            extra[setting] = 0
    ruling = table.type == TYPE_CODES[EventType.TIER_OVERRIDE]
    if ruling.any():
        _put(code, ruling, _coded(table.tier, plan.codes("words")))
        extra[ruling] = NEVER
        if table.until is not None:
            said = ruling & (table.until != MISSING)
            extra[said] = table.until[said]
        if table.mode is not None:
            modes = np.where(table.mode == NO_MODE, 0, table.mode).astype(np.uint8)
            flags[ruling] |= modes[ruling] << MODE_SHIFT
    reversals = resolve_reversals(table) if _has(table, EventType.REVERSAL) else None
    if reversals is not None:
        row = reversals.rows
        places = np.zeros(len(row), np.int64)
        by_rows = np.arange(rows, dtype=np.int32) if order is None else order
        arrange_kernel.places_of(offsets, by_rows, table.member[row], reversals.of, places)
        extra[row] = places
        flags[row] = np.where(reversals.whole, FLAG_WHOLE, 0).astype(np.uint8)
        for name, shares in (("points", reversals.points), ("amount", reversals.amount)):
            if amounts[name] is None and shares.any():
                amounts[name] = np.zeros(rows, np.int64)
            if amounts[name] is not None:
                amounts[name][row] = shares
        if quantity is not None:
            quantity[row] = reversals.quantity
    numbers_of, dates = value_tables(plan, texts)
    currency = None
    if table.currency is not None and plan.currencies:
        others = len(plan.currencies) + 1
        words = {str(word): others for word in table.currency.dictionary.to_pylist() if word}
        currency = _coded(table.currency, {**words, "": 0, **plan.codes("currencies")}, nothing=0)
    kind = table.type

    def arranged(column: Any) -> Any:
        return column if column is None or order is None or column.strides == (0,) else column[order]

    return Columns(
        kind=arranged(kind),
        flags=arranged(flags),
        currency=None if currency is None else arranged(currency.astype(np.int8)),
        code=arranged(code),
        extra=arranged(extra),
        points=arranged(amounts["points"]),
        amount=arranged(amounts["amount"]),
        quantity=arranged(quantity),
        numbers=numbers_of,
        dates=dates,
    )


def _quantities(table: EventTable) -> Int64s | None:
    """How much each activity counts for; 0 for other events, None when there are no activities."""
    active = table.type == TYPE_CODES[EventType.ACTIVITY]
    if not active.any():
        return None
    said = np.full(len(table), MISSING) if table.quantity is None else table.quantity
    return np.where(active, np.where(said == MISSING, _WHOLE_ACTIVITY, said), 0)


def _put(target: Any, rows: Any, source: Any) -> None:
    if source is not None:
        target[rows] = source[rows]
