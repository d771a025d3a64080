"""The store's packed histories as the columns that a plan reads."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ziggurat.engine.history import Columns, value_tables
from ziggurat.engine.history import Histories as KernelHistories
from ziggurat.engine.layout import EVENT_TYPES, FLAG_QUALIFYING, FLAG_WHOLE, MODE_SHIFT, MODES
from ziggurat.engine.plan import Plan
from ziggurat.engine.plan_shape import Shape
from ziggurat.program.amounts import SCALE
from ziggurat.program.calendar import NEVER
from ziggurat.program.events import EventType, OverrideMode
from ziggurat.program.model import MeasureKind
from ziggurat.store.histories import Histories
from ziggurat.store.packing import HAS_AMOUNT, HAS_POINTS, HAS_QUANTITY, QUALIFYING, TYPE_CODES

Int64s: TypeAlias = NDArray[np.int64]

_KIND_OF_CODE = np.zeros(max(TYPE_CODES.values()) + 1, np.int8)
for _type, _code in TYPE_CODES.items():
    _KIND_OF_CODE[_code] = EVENT_TYPES.index(_type)
_REVERSAL, _OVERRIDE, _ATTRIBUTE, _ACTIVITY = (
    TYPE_CODES[type_]
    for type_ in (EventType.REVERSAL, EventType.TIER_OVERRIDE, EventType.ATTRIBUTE_SET, EventType.ACTIVITY)
)
_CREDITS, _DEBITS, _EARNINGS = (
    np.array([code in {TYPE_CODES[type_] for type_ in types} for code in range(len(_KIND_OF_CODE))])
    for types in (
        (EventType.POINTS_EARNED, EventType.POINTS_ADJUSTED, EventType.POINTS_RETURNED, EventType.ORDER_PLACED),
        (EventType.POINTS_SPENT, EventType.POINTS_EXPIRED),
        (EventType.POINTS_EARNED, EventType.POINTS_ADJUSTED, EventType.ORDER_PLACED),
    )
)
_PLACED, _REFUNDED = TYPE_CODES[EventType.ORDER_PLACED], TYPE_CODES[EventType.ORDER_REFUNDED]
_SUMMED = np.array([code not in (_REVERSAL, _OVERRIDE, _ATTRIBUTE) for code in range(len(_KIND_OF_CODE))])
"""Types of which the amounts alone say everything."""
_MODE_NUMBER = {mode: number for number, mode in enumerate(MODES)}


def kernel_histories(histories: Histories, plan: Plan) -> KernelHistories:
    """`histories` in the smallest form that `plan` can be folded over."""
    records = histories.records
    types = np.ascontiguousarray(records["type"])
    occurred_at = records["occurred_at"].copy()  # never a view: the kernel is compiled for arrays it may write to
    if plan.shape is not Shape.FULL and bool(_SUMMED[types].all()):
        amount = _sums(histories, plan, types)
        rises = not len(amount) or int(amount.min()) >= 0
        return KernelHistories(histories.offsets, occurred_at, amount, rises_only=rises)
    return KernelHistories(histories.offsets, occurred_at, columns=_columns(histories, plan, types))


def _sums(histories: Histories, plan: Plan, types: NDArray[np.uint8]) -> Int64s:
    """What each event adds to the plan's only measure."""
    records, measure = histories.records, plan.measures[0]
    points, amount = records["points"], records["amount"]
    match measure.kind:
        case MeasureKind.POINTS_BALANCE:
            return np.where(_CREDITS[types], points, np.where(_DEBITS[types], -points, 0))
        case MeasureKind.ACTIVITY:
            named = _coded(histories, "activity", {measure.name: 1}, other=0) == 1
            return np.where((types == _ACTIVITY) & named, _quantities(histories, types), 0)
    counts = (records["flags"] & QUALIFYING) > 0
    match measure.kind:
        case MeasureKind.POINTS_EARNED:
            return np.where(counts & _EARNINGS[types], points, 0)
        case MeasureKind.POINTS_LIFETIME:
            return np.where(counts & _EARNINGS[types], np.maximum(points, 0), 0)
        case MeasureKind.ORDERS:
            return np.where(counts & (types == _PLACED), SCALE, 0).astype(np.int64)
    currency = plan.revisions[0].program.currency
    if currency:
        counts &= _coded(histories, "currency", {"": 1, currency: 1}, other=0) == 1
    money = np.where(types == _PLACED, amount, np.where(types == _REFUNDED, -amount, 0))
    return np.where(counts, money, 0)


def _columns(histories: Histories, plan: Plan, types: NDArray[np.uint8]) -> Columns:
    records = histories.records
    qualifying = (records["flags"] & QUALIFYING) > 0
    active = types == _ACTIVITY
    cells: dict[str, Any] = {
        "kind": _KIND_OF_CODE[types],
        "flags": np.where(qualifying, FLAG_QUALIFYING, 0).astype(np.uint8),
        "code": np.full(len(types), -1, np.int32),
        "extra": np.zeros(len(types), np.int64),
        "currency": None,
        "points": records["points"].copy(),
        "amount": records["amount"].copy(),
        "quantity": None,
    }
    if plan.currencies:
        others = len(plan.currencies) + 1
        codes = {"": 0, **plan.codes("currencies")}
        cells["currency"] = _coded(histories, "currency", codes, other=others).astype(np.int8)
    if bool(active.any()):
        cells["quantity"] = _quantities(histories, types)
        cells["code"][active] = _coded(histories, "activity", plan.codes("activities"), other=-1)[active]
    texts: dict[str, int] = {}
    rare = np.flatnonzero((types == _OVERRIDE) | (types == _ATTRIBUTE))
    if len(rare):
        _say_rare(histories, plan, types, rare, cells, texts)
    reversals = np.flatnonzero(types == _REVERSAL)
    if len(reversals):
        if cells["quantity"] is None:
            cells["quantity"] = np.zeros(len(types), np.int64)
        _reverse(histories, types, reversals, cells)
    numbers, dates = value_tables(plan, list(texts))
    return Columns(**cells, numbers=numbers, dates=dates)


def _coded(histories: Histories, column: str, codes: dict[str, int], other: int) -> NDArray[np.int32]:
    """The code of each event's name in `column`, `other` for names without one."""
    lookup = np.array([codes.get(name, other) for name in histories.names], np.int32)
    numbers: Int64s = getattr(histories, column)
    return lookup[numbers]


def _quantities(histories: Histories, types: NDArray[np.uint8]) -> Int64s:
    """How much each activity counts for, 0 for other events."""
    records = histories.records
    said = (records["flags"] & HAS_QUANTITY) > 0
    return np.where(types == _ACTIVITY, np.where(said, records["third"], SCALE), 0)


def _say_rare(
    histories: Histories,
    plan: Plan,
    types: NDArray[np.uint8],
    rare: Int64s,
    cells: dict[str, Any],
    texts: dict[str, int],
) -> None:
    """Persons' decisions and attributes' values: what they say stands beside the records."""
    attributes = _coded(histories, "attribute", plan.codes("attributes"), other=-1)
    words = plan.codes("words")
    owners = (np.searchsorted(histories.offsets, rare, side="right") - 1).tolist()
    sequences = histories.sequence[rare].tolist()
    for place, owner, sequence in zip(rare.tolist(), owners, sequences, strict=True):
        extra = histories.extras.get((histories.member_ids[owner], sequence), {})
        if types[place] == _ATTRIBUTE:
            cells["code"][place] = attributes[place]
            cells["extra"][place] = texts.setdefault(extra.get("value", ""), len(texts))
        else:
            cells["code"][place] = words.get(extra.get("tier", ""), -1)
            cells["extra"][place] = extra.get("until", NEVER)
            mode = OverrideMode(extra.get("mode", OverrideMode.FIXED))
            cells["flags"][place] |= _MODE_NUMBER[mode] << MODE_SHIFT


def _reverse(histories: Histories, types: NDArray[np.uint8], reversals: Int64s, cells: dict[str, Any]) -> None:
    """Say of each reversal which event it undoes, by its place in the member's history, and how much of it."""
    records, offsets = histories.records, histories.offsets
    owners = np.searchsorted(offsets, reversals, side="right") - 1
    for owner in np.unique(owners).tolist():
        start, end = int(offsets[owner]), int(offsets[owner + 1])
        mine = reversals[owners == owner]
        targets = records["third"][mine]
        sequences = np.ascontiguousarray(records["sequence"][start:end])
        places = np.flatnonzero(np.isin(sequences, targets))
        place_of = dict(zip(sequences[places].tolist(), places.tolist(), strict=True))
        left: dict[int, tuple[int, int, int]] = {}
        for row, target in zip(mine.tolist(), targets.tolist(), strict=True):
            place = place_of[target]
            origin = start + place
            if place not in left:
                quantity = int(cells["quantity"][origin]) if types[origin] == _ACTIVITY else 0
                left[place] = (int(cells["points"][origin]), int(cells["amount"][origin]), quantity)
            share = _share(histories, owner, row, left[place])
            rest = tuple(have - part for have, part in zip(left[place], share, strict=True))
            left[place] = (rest[0], rest[1], rest[2])
            cells["extra"][row] = place
            cells["flags"][row] = 0 if any(rest) else FLAG_WHOLE
            cells["points"][row], cells["amount"][row], cells["quantity"][row] = share


def _share(histories: Histories, owner: int, row: int, left: tuple[int, int, int]) -> tuple[int, int, int]:
    """What the reversal undoes of (points, amount, quantity), of which `left` is there: `program.reversals.share_of`.

    Reversals in the ledger were found acceptable when they came in.
    """
    record = histories.records[row]
    flags = int(record["flags"])
    said: list[int | None] = [None, None, None]
    if flags & HAS_POINTS:
        said[0] = int(record["points"])
    if flags & HAS_AMOUNT:
        said[1] = int(record["amount"])
    if flags & HAS_QUANTITY:
        said[2] = histories.extras[histories.member_ids[owner], int(record["sequence"])]["quantity"]
    lead = next((place for place in (1, 0, 2) if said[place] is not None), None)
    if lead is None:
        return left
    asked, have = said[lead], abs(left[lead])
    assert asked is not None, "it leads"
    parts = [
        (part if part is not None else abs(rest) * asked // have) * (1 if rest >= 0 else -1)
        for part, rest in zip(said, left, strict=True)
    ]
    return parts[0], parts[1], parts[2]
