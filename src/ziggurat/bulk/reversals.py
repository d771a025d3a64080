"""Which event each reversal undoes, and how much of it: reckoned by `program.reversals`, nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ziggurat.bulk.event_table import TYPE_CODES, Bools, EventTable, Int64s, events_at
from ziggurat.bulk.row_faults import BadEventsError, RowFault, shown
from ziggurat.program.events import EventType
from ziggurat.program.reversals import Holding, UnacceptableReversalError, holding_of, share_of

UNKNOWN_REMEDY = "send the event that it reverses too, or order.refunded if nobody knows the order"
EARLIER_PROBLEM = "it stands before the event that it reverses, at the same instant"
EARLIER_REMEDY = "events of one instant are taken as they arrive: put the reversal after its event"
INT64_DIGITS = 18
MORE_REMEDY = "reverse what is left, or leave points and amount out to reverse all of that"


@dataclass(frozen=True, slots=True, eq=False)
class Reversals:
    """The reversals of a table, in row order; R of them among N events.

    rows: int64[R], their rows. of: int64[R], the rows of the events that they undo. points, amount, quantity: int64[R],
    the shares undone in ten-thousandths, with the undone event's sign. whole: bool[R], nothing is left of the event.
    """

    rows: Int64s
    of: Int64s
    points: Int64s
    amount: Int64s
    quantity: Int64s
    whole: Bools

    def reversal_of(self, events: int) -> Int64s:
        """int64[N]: the row that each row undoes, -1 for events that are no reversals."""
        spread = np.full(events, -1, np.int64)
        spread[self.rows] = self.of
        return spread


@dataclass(frozen=True, slots=True)
class RefusedReversal:
    """A reversal that undoes nothing: its row, the field at fault, what is wrong, what to do."""

    row: int
    field: str
    problem: str
    remedy: str = ""


def resolve_reversals(table: EventTable) -> Reversals | None:
    """The reversals of a table whose rows are all good; None if there are none.

    Raises:
        BadEventsError: a reversal of an unknown event, or of more than remains.
    """
    reversals, refused = try_reversals(table)
    if refused:
        faults = []
        for fault in refused:
            file, _, number = table.where(fault.row).rpartition(":")
            line = int(number) if file else None
            faults.append(RowFault(file or number, line, fault.field, fault.problem, fault.remedy))
        raise BadEventsError(faults, len(refused))
    return reversals


def try_reversals(table: EventTable) -> tuple[Reversals | None, list[RefusedReversal]]:
    """Reckon every reversal, earliest first; answers also those that cannot be, which undo nothing."""
    if table.only_type is not None and table.only_type is not EventType.REVERSAL:
        return None, []
    rows = np.flatnonzero(table.type == TYPE_CODES[EventType.REVERSAL])
    if not len(rows):
        return None, []
    of = _rows_of_ids(table, rows)
    refused = [
        RefusedReversal(row, "reverses", f"no event has the id {shown(_reverses(table, row))}", UNKNOWN_REMEDY)
        for row in rows[of < 0].tolist()
    ]
    rows, of = rows[of >= 0], of[of >= 0]
    # By instant, then arrival; flatnonzero gave arrival order, and the sort keeps it.
    order = np.argsort(table.occurred_at[rows], kind="stable")
    reversals = events_at(table, rows)
    originals = events_at(table, of)
    left: dict[int, Holding] = {}
    shares: dict[int, Holding] = {}
    for at in order.tolist():
        original = int(of[at])
        if rows[at] < original and reversals[at].occurred_at == originals[at].occurred_at:
            refused.append(RefusedReversal(int(rows[at]), "reverses", EARLIER_PROBLEM, EARLIER_REMEDY))
            continue
        holding = left.get(original) or holding_of(originals[at])
        try:
            share = share_of(originals[at], holding, reversals[at])
        except UnacceptableReversalError as problem:
            refused.append(RefusedReversal(int(rows[at]), "reverses", str(problem), _remedy(str(problem))))
            continue
        left[original] = holding.less(share)
        shares[at] = share
    accepted = sorted(shares)
    parts = [shares[at] for at in accepted]
    return (
        Reversals(
            rows=rows[accepted],
            of=of[accepted],
            points=np.array([part.points for part in parts], np.int64),
            amount=np.array([part.amount for part in parts], np.int64),
            quantity=np.array([part.quantity for part in parts], np.int64),
            whole=np.array([part.whole for part in parts], np.bool_),
        ),
        sorted(refused, key=lambda fault: fault.row),
    )


def _remedy(problem: str) -> str:
    return MORE_REMEDY if "are left" in problem else ""


def _reverses(table: EventTable, row: int) -> str:
    return "" if table.reverses is None else str(table.reverses[row].as_py() or "")


def _rows_of_ids(table: EventTable, rows: Int64s) -> Int64s:
    """The row of the event with the id that each reversal names; -1 where there is none."""
    if table.id is None or table.reverses is None:
        return np.full(len(rows), -1, np.int64)
    asked = table.reverses.take(pa.array(rows)).cast(pa.large_string())
    wanted = pc.unique(asked.drop_null())
    ids = table.id
    if pa.types.is_integer(ids.type):
        # Compare few numbers with many, not many texts: only canonical decimal text can name an integer id.
        numbers = [int(text) for text in wanted.to_pylist() if _is_canonical(text)]
        candidates = np.flatnonzero(pc.is_in(ids, value_set=pa.array(numbers, ids.type)).to_numpy(zero_copy_only=False))
    else:
        found = pc.is_in(ids, value_set=wanted.cast(ids.type))
        candidates = np.flatnonzero(found.to_numpy(zero_copy_only=False))
    names = ids.take(pa.array(candidates)).cast(pa.large_string())
    at = pc.index_in(asked, value_set=names).fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(at >= 0, np.append(candidates, -1)[at], -1)


def _is_canonical(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= INT64_DIGITS and str(int(text)) == text
