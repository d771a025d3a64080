"""Which reversals undo something that is there to be undone, by what the ledger holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ziggurat.app.context import Context
from ziggurat.program.events import Event
from ziggurat.program.reversals import UnacceptableReversalError, holding_of, share_of
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.packing import REVERSAL, unpack
from ziggurat.store.repositories import history

_NEWEST = 2**63 - 1


def check_reversals(
    connection: Connection, context: Context, reversals: Iterable[tuple[int, Event, int]]
) -> dict[int, str]:
    """Why a reversal is refused, by its place in `reversals`; the others are fine, one after the other.

    Each is (the member who stands for it, the event, the sequence of what it reverses). A reversal that arrives late
    must leave enough for those that are dated after it.
    """
    asked = list(reversals)
    histories = history.load(connection, context.scope, sorted({member for member, _, _ in asked}))
    refused: dict[int, str] = {}
    shares: dict[tuple[int, int], tuple[Event, list[tuple[int, int, Event]]]] = {}
    for place, (member, event, target) in enumerate(asked):
        if (member, target) not in shares:
            shares[member, target] = _found(histories, member, target)
        original, known = shares[member, target]
        mine = (event.occurred_at, _NEWEST, replace(event, member=""))
        together = sorted([*known, mine], key=lambda each: each[:2])
        problem = _problem(original, [each for _, _, each in together])
        if problem:
            refused[place] = problem
        else:
            known.append((event.occurred_at, _NEWEST, replace(event, member="")))
    return refused


def _problem(original: Event, reversals: list[Event]) -> str:
    left = holding_of(original)
    for reversal in reversals:
        try:
            left = left.less(share_of(original, left, reversal))
        except UnacceptableReversalError as error:
            return str(error)
    return ""


def _found(histories: Histories, member: int, target: int) -> tuple[Event, list[tuple[int, int, Event]]]:
    """The event with the sequence `target`, and its reversals so far, each with its place in the order."""
    span = histories.span(member)
    part = histories.records[span]
    original: Event | None = None
    reversals = []
    wanted = (part["sequence"] == target) | ((part["type"] == REVERSAL) & (part["third"] == target))
    for place in np.flatnonzero(wanted).tolist():
        shift = 0 if histories.name_base is None else int(histories.name_base[span.start + place])
        sequence = int(part[place]["sequence"])
        extra = histories.extras.get((member, sequence))
        event = unpack(part[place], histories.names[shift:], {} if extra is None else {str(sequence): extra}, "").event
        if sequence == target:
            original = event
        else:
            reversals.append((event.occurred_at, sequence, event))
    assert original is not None, "the ledger knows it, so the packed history does"
    return original, reversals
