"""Members' histories as the columns that scores are reckoned from, with what was reversed taken off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ziggurat.engine.scores import KINDS, OPENED, EventColumns, Openings
from ziggurat.program.amounts import parse_decimal, to_units
from ziggurat.program.events import Event, EventType
from ziggurat.program.reversals import Holding, holding_of, share_of
from ziggurat.store.histories import Histories
from ziggurat.store.packing import HAS_QUANTITY, QUALIFYING, REVERSAL, TYPE_CODES, unpack

_CODES = np.zeros(max(TYPE_CODES.values()) + 1, np.int64)
for _kind, _code in TYPE_CODES.items():
    _CODES[_code] = KINDS.index(_kind)
_SET = TYPE_CODES[EventType.ATTRIBUTE_SET]
_ACTIVITY = TYPE_CODES[EventType.ACTIVITY]
_ONE = 10_000


def event_columns(histories: Histories, as_of: int) -> EventColumns:
    """The events of all members of `histories` as they stand at `as_of`."""
    records = histories.records
    types, flags = records["type"], records["flags"]
    points = records["points"].astype(np.int64)
    amount = records["amount"].astype(np.int64)
    said = np.where(flags & HAS_QUANTITY > 0, records["third"], _ONE)
    quantity = np.where(types == _ACTIVITY, said, 0)
    whole = np.ones(len(records), np.bool_)
    reversals = np.flatnonzero((types == REVERSAL) & (records["occurred_at"] <= as_of))
    for place, left in _left_over(histories, reversals).items():
        points[place], amount[place], quantity[place], whole[place] = (
            left.points,
            left.amount,
            left.quantity,
            left.whole,
        )
    return EventColumns(
        offsets=histories.offsets,
        occurred_at=records["occurred_at"].astype(np.int64),
        kind=_CODES[types],
        points=points,
        amount=amount,
        quantity=quantity,
        whole=whole,
        qualifying=flags & QUALIFYING > 0,
        openings=_openings(histories, as_of),
    )


def _openings(histories: Histories, as_of: int) -> Openings | None:
    """The latest word about each score of each member; one that is no amount, or is cleared, says nothing."""
    known = np.array([OPENED.index(name) if name in OPENED else -1 for name in histories.names], np.int64)
    if not (known >= 0).any():
        return None
    scores = known[histories.attribute]
    said = (histories.type == _SET) & (histories.occurred_at <= as_of) & (scores >= 0)
    latest: dict[tuple[int, int], int] = {}
    for place in np.flatnonzero(said).tolist():
        owner = int(np.searchsorted(histories.offsets, place, side="right")) - 1
        latest[owner, int(scores[place])] = place
    found = []
    for (owner, score), place in latest.items():
        extra = histories.extras.get((histories.member_ids[owner], int(histories.records[place]["sequence"])), {})
        value = _units(extra.get("value", ""))
        if value is not None:
            found.append((place, score, value))
    places, kinds, values = np.array(found, np.int64).reshape(-1, 3).T
    return Openings(places, kinds, values)


def _units(text: str) -> int | None:
    try:
        return to_units(parse_decimal(text))
    except ValueError:
        return None


def _left_over(histories: Histories, reversals: NDArray[np.intp]) -> dict[int, Holding]:
    """What is left of the events that were reversed, by their place."""
    found: dict[int, Holding] = {}
    originals: dict[int, Event] = {}
    for place in reversals.tolist():
        index = int(np.searchsorted(histories.offsets, place, side="right")) - 1
        start = int(histories.offsets[index])
        wanted = int(histories.records[place]["third"])
        there = np.flatnonzero(histories.records["sequence"][start:place] == wanted)
        if not len(there):
            continue
        original = start + int(there[0])
        if original not in originals:
            originals[original] = _event(histories, index, original)
            found[original] = holding_of(originals[original])
        left = found[original]
        found[original] = left.less(share_of(originals[original], left, _event(histories, index, place)))
    return found


def _event(histories: Histories, index: int, place: int) -> Event:
    record: Any = histories.records[place]
    shift = 0 if histories.name_base is None else int(histories.name_base[place])
    sequence = int(record["sequence"])
    extra = histories.extras.get((histories.member_ids[index], sequence))
    return unpack(record, histories.names[shift:], {} if extra is None else {str(sequence): extra}, "").event
