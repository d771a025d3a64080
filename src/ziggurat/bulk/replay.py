"""A whole table of events evaluated: everybody's tier and moves, by the engine asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from ziggurat.bulk.arrange import arrange
from ziggurat.bulk.event_table import TYPE_CODES, EventTable, events_at, prune_members
from ziggurat.bulk.result_columns import tiers_of, transitions_of
from ziggurat.bulk.result_tables import Results, tiers_table, transitions_table
from ziggurat.engine.evaluate import compile_plan, evaluate, evaluate_members
from ziggurat.engine.timeline import State, Transition
from ziggurat.errors import ZigguratError
from ziggurat.program.events import Event, EventType
from ziggurat.program.model import Enrolment, Revision

Progress: TypeAlias = Callable[[int, int], None]
"""Told how much is done of how much, now and then."""

BLOCK_ROWS = 20_000
"""Rows made events of at a time, by the reference: bounds the Python objects alive."""


class Engine(StrEnum):
    """What evaluates."""

    LOCAL = "local"
    REFERENCE = "reference"
    SPARK = "spark"


class EngineMissingError(ZigguratError):
    """An engine that is not there."""

    code = "engine_missing"

    def __init__(self, engine: Engine, remedy: str) -> None:
        self.engine = engine
        self.remedy = remedy
        super().__init__(f"the engine {engine} is not there ({remedy})")


class NotEnrolledError(ZigguratError):
    """A member whom the program does not count."""

    code = "not_enrolled"

    def __init__(self, member: str) -> None:
        self.member = member
        super().__init__(f"member {member!r} is not enrolled (the program counts whom a member.enrolled event enrols)")


def replay(
    revisions: Sequence[Revision],
    table: EventTable,
    as_of: int | None = None,
    engine: Engine = Engine.LOCAL,
    progress: Progress | None = None,
    compiling: Callable[[], None] | None = None,
) -> Results:
    """Everybody's tier at `as_of` and every move up to it.

    Args:
        revisions: at least one, in the order of taking effect.
        table: the events, reversals already checked (what `read_events` returns is).
        as_of: UTC microseconds; by default the instant of the latest event.
        engine: what evaluates; the answer is the same.
        progress: told how many rows are done of how many.
        compiling: told before the wait of some seconds when the kernel is needed for the first time ever.

    Raises:
        EngineMissingError: the engine is not there.
    """
    if as_of is None:
        as_of = latest(table)
    if engine is Engine.SPARK:
        raise EngineMissingError(engine, "it is not part of this version yet; --engine local answers the same")
    table = taking_part(revisions, table, as_of)
    if engine is Engine.REFERENCE:
        return replay_by_reference(revisions, table, as_of, progress)
    return replay_by_kernel(revisions, table, as_of, progress, compiling)


def taking_part(revisions: Sequence[Revision], table: EventTable, as_of: int) -> EventTable:
    """The events of those whom the program counts: with explicit enrolment only who has been enrolled by `as_of`."""
    if revisions[-1].program.enrolment is Enrolment.ON_FIRST_EVENT:
        return table
    enrolling = (table.type == TYPE_CODES[EventType.MEMBER_ENROLLED]) & (table.occurred_at <= as_of)
    enrolled = np.zeros(len(table.members), np.bool_)
    enrolled[table.member[enrolling]] = True
    return table if enrolled.all() else prune_members(table.take(np.flatnonzero(enrolled[table.member])))


def replay_by_kernel(
    revisions: Sequence[Revision],
    table: EventTable,
    as_of: int,
    progress: Progress | None = None,
    compiling: Callable[[], None] | None = None,
) -> Results:
    """`replay` by the kernel, all members at once, on all cores."""
    plan = compile_plan(revisions)
    total = len(table)
    rows_done = [0]

    def tell(rows: int) -> None:
        rows_done[0] += rows
        if progress:
            progress(rows_done[0], total)

    answer = evaluate_members(plan, arrange(table, plan), as_of, progress=tell, compiling=compiling)
    return Results(tiers_of(table.members, answer), transitions_of(table.members, answer), as_of)


def latest(table: EventTable) -> int:
    """The instant of the latest event (0 without any), UTC microseconds."""
    return int(table.occurred_at.max()) if len(table) else 0


def replay_by_reference(
    revisions: Sequence[Revision], table: EventTable, as_of: int, progress: Progress | None = None
) -> Results:
    """`replay` by the reference evaluator, one member at a time."""
    states: list[tuple[str, State]] = []
    moves: list[tuple[str, Transition]] = []
    done = 0
    for events in histories(table):
        answer = evaluate(revisions, events, as_of)
        if answer.state:
            name = events[0].member
            states.append((name, answer.state))
            moves += [(name, move) for move in answer.transitions]
        done += len(events)
        if progress:
            progress(done, len(table))
    return Results(tiers_table(states), transitions_table(moves), as_of)


def histories(table: EventTable) -> Iterator[list[Event]]:
    """Every member's events in arrival order, member by member in the order of the table's members."""
    order = np.argsort(table.member, kind="stable")
    starts = np.flatnonzero(np.diff(table.member[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    first = 0
    while first < len(starts):
        beyond = int(np.searchsorted(ends, starts[first] + BLOCK_ROWS, "right"))
        last = max(beyond, first + 1)
        begin = int(starts[first])
        events = events_at(table, order[begin : int(ends[last - 1])])
        for start, end in zip(starts[first:last].tolist(), ends[first:last].tolist(), strict=True):
            yield events[start - begin : end - begin]
        first = last
