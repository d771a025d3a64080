"""Transitions: written as the engine tells them, superseded by corrections, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func

from ziggurat.store.repositories.records import all_of, columns_of
from ziggurat.store.rows import change_rows, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take
from ziggurat.store.tables import transitions
from ziggurat.store.tables.base import canonical_json


class TransitionRow(NamedTuple):
    """One move of one member in one program. `position` counts in the member's timeline.

    `correction` says that it replaces what was told before; `superseded_at` that it is itself no longer true.
    `sequence` is given when it is stored.
    """

    member_id: int
    program_id: int
    position: int
    at: int
    kind: str
    cause: str
    from_index: int
    from_key: str | None
    to_index: int
    to_key: str | None
    value: int | None
    threshold: int | None
    expires_at: int | None
    revision: int
    recorded_at: int
    correction: bool = False
    superseded_at: int | None = None
    details: dict[str, Any] | None = None
    sequence: int = 0


class DailyFlow(NamedTuple):
    """How many members moved from one tier to another on one day (days since 1970 at the offset asked for)."""

    day: int
    kind: str
    from_index: int
    to_index: int
    members: int


_COLUMNS = columns_of(transitions, TransitionRow)
_DAY_US = 86_400_000_000


def add(connection: Connection, scope: Scope, rows: Sequence[TransitionRow]) -> list[int]:
    """Store transitions; their sequences, in the order given."""
    numbers = list(take(connection, scope, "transitions", len(rows)))
    details = TransitionRow._fields.index("details")
    ready = [
        (*row[:details], None if row.details is None else canonical_json(row.details), number)
        for row, number in zip(rows, numbers, strict=True)
    ]
    write_rows(connection, scope, transitions, TransitionRow._fields, ready)
    return numbers


def supersede(
    connection: Connection, scope: Scope, member_id: int, program_id: int, from_position: int, at: int
) -> int:
    """Mark the member's current transitions from `from_position` on as superseded; how many there were."""
    statement = scope.update(transitions).where(
        transitions.c.member_id == member_id,
        transitions.c.program_id == program_id,
        transitions.c.position >= from_position,
        transitions.c.superseded_at.is_(None),
    )
    return connection.execute(statement.values(superseded_at=at)).rowcount


def supersede_all(connection: Connection, scope: Scope, rows: Sequence[TransitionRow], at: int) -> None:
    """Mark those very transitions, as they were read, as superseded."""
    keys = [(row.member_id, row.program_id, row.sequence, at) for row in rows]
    change_rows(connection, scope, transitions, ("member_id", "program_id", "sequence", "superseded_at"), keys)


def current(
    connection: Connection, scope: Scope, member_ids: Iterable[int], program_id: int
) -> dict[int, list[TransitionRow]]:
    """The timelines of those members in one program, as told so far: by member, in order."""
    query = scope.select(transitions, *_COLUMNS).where(
        among(connection, transitions.c.member_id, member_ids),
        transitions.c.program_id == program_id,
        transitions.c.superseded_at.is_(None),
    )
    found: dict[int, list[TransitionRow]] = {}
    for row in all_of(connection, query.order_by(transitions.c.member_id, transitions.c.position), TransitionRow):
        found.setdefault(row.member_id, []).append(row)
    return found


def last_positions(
    connection: Connection, scope: Scope, member_ids: Iterable[int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """(how many current transitions, the instant of the last), by (member, program)."""
    query = scope.select(
        transitions, transitions.c.member_id, transitions.c.program_id, func.count(), func.max(transitions.c.at)
    ).where(among(connection, transitions.c.member_id, member_ids), transitions.c.superseded_at.is_(None))
    grouped = query.group_by(transitions.c.member_id, transitions.c.program_id)
    return {(member, program): (count, at) for member, program, count, at in connection.execute(grouped)}


def of_member(
    connection: Connection, scope: Scope, member_id: int, program_id: int, *, superseded: bool = False
) -> list[TransitionRow]:
    """The transitions of one member, in the order of the timeline; with `superseded` also what is no longer true."""
    query = scope.select(transitions, *_COLUMNS).where(
        transitions.c.member_id == member_id, transitions.c.program_id == program_id
    )
    if not superseded:
        query = query.where(transitions.c.superseded_at.is_(None))
    return all_of(connection, query.order_by(transitions.c.position, transitions.c.sequence), TransitionRow)


def page(
    connection: Connection, scope: Scope, program_id: int, *, since: int, until: int, after: int = 0, limit: int
) -> list[TransitionRow]:
    """The next `limit` current transitions of a program with `since <= at < until`, in the order they were stored."""
    query = scope.select(transitions, *_COLUMNS).where(
        transitions.c.program_id == program_id,
        transitions.c.at >= since,
        transitions.c.at < until,
        transitions.c.sequence > after,
        transitions.c.superseded_at.is_(None),
    )
    return all_of(connection, query.order_by(transitions.c.sequence).limit(limit), TransitionRow)


def daily_flows(
    connection: Connection, scope: Scope, program_id: int, *, since: int, until: int, offset_us: int = 0
) -> list[DailyFlow]:
    """Moves per day with `since <= at < until`; `offset_us` is the zone's offset from UTC that days are cut by."""
    day = ((transitions.c.at + offset_us) // _DAY_US).label("day")
    query = scope.select(
        transitions, day, transitions.c.kind, transitions.c.from_index, transitions.c.to_index, func.count()
    ).where(
        transitions.c.program_id == program_id,
        transitions.c.at >= since,
        transitions.c.at < until,
        transitions.c.superseded_at.is_(None),
    )
    grouped = query.group_by(day, transitions.c.kind, transitions.c.from_index, transitions.c.to_index).order_by(day)
    return all_of(connection, grouped, DailyFlow)
