"""The one place where use cases ask the engine: members' whole histories in, moves and states out.

Which evaluator answers is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ziggurat.app.events.kernel_histories import kernel_histories
from ziggurat.engine.evaluate import Plan, Results, compile_plan
from ziggurat.engine.evaluate import evaluate_members as fold
from ziggurat.engine.results import NOBODY
from ziggurat.engine.timeline import Cause, Kind, State, Transition
from ziggurat.program.model import Revision
from ziggurat.program.read import read_program
from ziggurat.store.histories import Histories, empty_histories

KINDS = tuple(Kind)
CAUSES = tuple(Cause)

COLUMNS = ("at", "kind", "cause", "tier", "value", "expires_at", "event", "revision")
_PLANS_MAX = 64
_ONE_OF_EACH_SHAPE: tuple[Mapping[str, Any], ...] = (
    {
        "name": "Lean",
        "qualification": {"measure": "points_earned"},
        "expiration": "never",
        "tiers": [{"name": "One", "from": 1}],
    },
    {"name": "Single", "qualification": {"measure": "points_earned"}, "tiers": [{"name": "One", "from": 1}]},
    {"name": "Full", "qualification": {"measure": "average_order_value"}, "tiers": [{"name": "One", "from": 1}]},
)
_plans: dict[tuple[object, ...], Plan] = {}


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The timelines of some members, in the order asked.

    `moves[offsets[i]:offsets[i + 1]]` are those of member i; columns, all int64: at, kind and cause (codes of KINDS and
    CAUSES), tier (index into the ladder of its revision, -1 none), value, expires_at (NEVER: none), event (sequence of
    the event that caused it, 0 none), revision (index).
    """

    offsets: NDArray[np.int64]
    moves: NDArray[np.int64]
    results: Results

    def state(self, index: int) -> State | None:
        """Where member `index` stands; None if nothing has happened to her."""
        return self.results.state(index)

    def of(self, index: int) -> NDArray[np.int64]:
        """The moves of member `index`."""
        return self.moves[self.offsets[index] : self.offsets[index + 1]]


def evaluate_members(revisions: Sequence[Revision], histories: Histories, as_of: int) -> Evaluations:
    """The timelines up to and at `as_of` of all members in `histories`, by `revisions` (at least one)."""
    plan = plan_of(revisions)
    results = fold(plan, kernel_histories(histories, plan), as_of, threads=1)
    offsets = np.zeros(len(results) + 1, np.int64)
    np.cumsum(results.moved, out=offsets[1:])
    return Evaluations(offsets, _moves(revisions, histories, results, offsets), results)


def values_at(revisions: Sequence[Revision], histories: Histories, as_of: int) -> dict[int, int]:
    """What the measure comes to at `as_of`, by member; of those to whom something has happened by then."""
    plan = plan_of(revisions)
    states = fold(plan, kernel_histories(histories, plan), as_of, transitions=False, threads=1).states
    found = zip(histories.member_ids, states.index.tolist(), states.value.tolist(), strict=True)
    return {member: value for member, tier, value in found if tier != NOBODY}


class OneMember:
    """One member's events up to and at `known_at`, to be evaluated at that instant and later, as if no more came."""

    def __init__(self, revisions: Sequence[Revision], histories: Histories, member_id: int, known_at: int) -> None:
        span = histories.span(member_id)
        stop = span.start + int(np.searchsorted(histories.occurred_at[span], known_at, side="right"))
        self._plan = plan_of(revisions)
        self._events = kernel_histories(_only(histories, member_id, slice(span.start, stop)), self._plan)

    def state(self, as_of: int) -> State | None:
        """Where the member stands at `as_of`; None if nothing has happened to her."""
        return fold(self._plan, self._events, as_of, transitions=False, threads=1).state(0)

    def moves(self, after: int, until: int) -> list[Transition]:
        """What happens to her after the one instant, up to and at the other; events are positions in her history."""
        return fold(self._plan, self._events, until, threads=1).transitions(0, after)


@lru_cache(maxsize=1)
def warm_up() -> None:
    """Have every kernel at hand: the first time ever, compiling them takes seconds, and nobody may hold a lock then."""
    for document in _ONE_OF_EACH_SHAPE:
        revisions = (Revision(read_program(document)),)
        fold(plan_of(revisions), kernel_histories(empty_histories([0]), plan_of(revisions)), 0, threads=1)


def plan_of(revisions: Sequence[Revision]) -> Plan:
    """The plan of `revisions`, compiled once."""
    key = tuple((id(each.program), each.effective_from, each.status, each.activation) for each in revisions)
    plan = _plans.get(key)
    if plan is None:
        if len(_plans) >= _PLANS_MAX:
            _plans.clear()
        plan = _plans[key] = compile_plan(revisions)  # it holds the programs, so that no other can get their ids
    return plan


def _only(histories: Histories, member_id: int, span: slice) -> Histories:
    offsets = np.array([0, span.stop - span.start], np.int64)
    base = None if histories.name_base is None else histories.name_base[span]
    return replace(
        histories, member_ids=[member_id], offsets=offsets, records=histories.records[span], name_base=base, _index={}
    )


def _moves(
    revisions: Sequence[Revision], histories: Histories, results: Results, offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """All moves as one table of COLUMNS."""
    moves = np.zeros((int(offsets[-1]), len(COLUMNS)), np.int64)
    at = 0
    for _, _, part in results.parts:
        rows = moves[at : at + len(part)]
        at += len(part)
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 4] = part.at, part.kind, part.cause, part.value
        rows[:, 5], rows[:, 6], rows[:, 7] = part.expires_at, part.event, part.revision
        rows[:, 3] = _places(revisions, results.names)[part.revision, part.to_name]
    if len(moves):
        starts = np.repeat(histories.offsets[:-1], np.diff(offsets))
        by_event = moves[:, 6] >= 0
        moves[~by_event, 6] = 0
        moves[by_event, 6] = histories.sequence[starts[by_event] + moves[by_event, 6]]
    return moves


def _places(revisions: Sequence[Revision], names: Sequence[str]) -> NDArray[np.int64]:
    """The place on each revision's ladder of the tier with each name, -1 for one that is not on it (or none at all)."""
    table = np.full((len(revisions), len(names) + 1), -1, np.int64)
    for number, revision in enumerate(revisions):
        places = {tier.name: place for place, tier in enumerate(revision.program.ladder)}
        table[number, :-1] = [places.get(name, -1) for name in names]
    return table
