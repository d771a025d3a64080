"""The one place where use cases ask the engine: members' whole histories in, moves and states out.

Which evaluator answers is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ziggurat.engine.reference import evaluate
from ziggurat.engine.timeline import Cause, Kind, State, Timeline, Transition
from ziggurat.program.calendar import NEVER
from ziggurat.program.model import Revision
from ziggurat.store.histories import Histories

KINDS = tuple(Kind)
CAUSES = tuple(Cause)
_KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
_CAUSE_CODE = {cause: code for code, cause in enumerate(CAUSES)}

COLUMNS = ("at", "kind", "cause", "tier", "value", "expires_at", "event", "revision")


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The timelines of some members, in the order asked.

    `moves[offsets[i]:offsets[i + 1]]` are those of member i; columns, all int64: at, kind and cause (codes of KINDS and
    CAUSES), tier (index into the ladder of its revision, -1 none), value, expires_at (NEVER: none), event (sequence of
    the event that caused it, 0 none), revision (index). `states[i]` is None for a member to whom nothing has happened.
    """

    offsets: NDArray[np.int64]
    moves: NDArray[np.int64]
    states: list[State | None]

    def column(self, name: str) -> NDArray[np.int64]:
        """One column of the moves."""
        return self.moves[:, COLUMNS.index(name)]

    def of(self, index: int) -> NDArray[np.int64]:
        """The moves of member `index`."""
        return self.moves[self.offsets[index] : self.offsets[index + 1]]


def evaluate_members(revisions: Sequence[Revision], histories: Histories, as_of: int) -> Evaluations:
    """The timelines up to and at `as_of` of all members in `histories`, by `revisions` (at least one)."""
    places = [{tier.name: place for place, tier in enumerate(revision.program.ladder)} for revision in revisions]
    rows: list[tuple[int, ...]] = []
    offsets = [0]
    states = []
    for member_id in histories.member_ids:
        told = evaluate(revisions, histories.events(member_id), as_of)
        sequences = histories.sequence[histories.span(member_id)]
        rows += [_row(move, places[move.revision], sequences) for move in told.transitions]
        offsets.append(len(rows))
        states.append(told.state)
    return Evaluations(np.array(offsets, np.int64), np.array(rows, np.int64).reshape(-1, len(COLUMNS)), states)


def evaluate_one(
    revisions: Sequence[Revision], histories: Histories, member_id: int, as_of: int, *, known_at: int | None = None
) -> Timeline:
    """The timeline of one member as values; positions of events count in the member's history.

    With `known_at`, events after that instant do not count: what happens by `as_of` if nothing more does.
    """
    events = histories.events(member_id)
    if known_at is not None:
        events = [event for event in events if event.occurred_at <= known_at]
    return evaluate(revisions, events, as_of)


def _row(move: Transition, places: dict[str, int], sequences: NDArray[np.int64]) -> tuple[int, ...]:
    return (
        move.at,
        _KIND_CODE[move.kind],
        _CAUSE_CODE[move.cause],
        places.get(move.to_tier, -1),
        move.value,
        NEVER if move.expires_at is None else move.expires_at,
        0 if move.event is None else int(sequences[move.event]),
        move.revision,
    )
