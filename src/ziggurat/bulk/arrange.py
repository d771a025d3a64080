"""Events as they arrived, grouped by member and in order: from a table to the histories that a plan reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from ziggurat.bulk import arrange_kernel
from ziggurat.bulk.arrange_columns import all_columns, coded, has
from ziggurat.bulk.column_kernel import bounds
from ziggurat.bulk.event_table import MISSING, EventTable, Int64s
from ziggurat.bulk.parts import in_parts
from ziggurat.engine.history import Histories
from ziggurat.engine.layout import FLAG_QUALIFYING, MEASURES
from ziggurat.engine.plan import Plan
from ziggurat.engine.plan_shape import Shape
from ziggurat.program.events import EventType
from ziggurat.program.model import MeasureKind

_PLAIN_ONLY = (EventType.REVERSAL, EventType.TIER_OVERRIDE)


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
    if not all(in_parts(rows, lambda a, b: arrange_kernel.is_arranged(table.member, occurred_at, a, b))):
        order = np.empty(rows, np.int32 if rows < 2**31 else np.int64)
        arrange_kernel.group_rows(table.member, offsets, order)
        arrived, occurred_at, by_rows = occurred_at, np.empty(rows, np.int64), order
        in_parts(members, lambda a, b: arrange_kernel.order_rows(offsets, by_rows, arrived, occurred_at, a, b))
    if plan.shape is not Shape.FULL and not any(has(table, kind) for kind in _PLAIN_ONLY):
        amount, least = _sums(table, plan, order)
        return Histories(offsets, occurred_at, amount, rises_only=least >= 0)
    return Histories(offsets, occurred_at, columns=all_columns(table, plan, offsets, order))


def _sums(table: EventTable, plan: Plan, order: Any) -> tuple[Int64s, int]:
    """What each event adds to the plan's only sum, and the least of it or 0."""
    measure = plan.measures[0]
    ready = _ready_column(table, plan) if order is None else None
    if ready is not None and len(ready):
        lowest = min(in_parts(len(ready), lambda a, b: int(bounds(ready[a:b])[0])))
        if lowest != MISSING:
            return ready, lowest
    kinds = table.type[:1] if table.only_type is not None else np.ascontiguousarray(table.type)
    flags = None if table.qualifying is None else table.qualifying.astype(np.uint8) * FLAG_QUALIFYING
    codes = coded(table.activity, plan.codes("activities")) if measure.kind is MeasureKind.ACTIVITY else None
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
    least: list[int] = in_parts(
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
    codes: Any = coded(table.currency, {currency: 1}, nothing=0)
    return codes >= 0
