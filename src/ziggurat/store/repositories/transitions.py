"""Transitions: written as the engine tells them, superseded by corrections, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func

from ziggurat.store.repositories.programs import shown_generation
from ziggurat.store.repositories.records import all_of, columns_of
from ziggurat.store.rows import OnConflict, change_rows, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take
from ziggurat.store.tables import moves_to_tell, transitions
from ziggurat.store.tables.base import canonical_json
from ziggurat.store.tables.states import OPEN_END


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


def _current(scope: Scope, program_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That a row is part of the timeline that is shown."""
    shown = shown_generation(scope, program_id)
    return transitions.c.from_generation <= shown, transitions.c.until_generation > shown


def add(connection: Connection, scope: Scope, rows: Sequence[TransitionRow], *, generation: int = 0) -> list[int]:
    """Store transitions, true from a generation on; their sequences, in the order given."""
    numbers = list(take(connection, scope, "transitions", len(rows)))
    details = TransitionRow._fields.index("details")
    ready = [
        (*row[:details], None if row.details is None else canonical_json(row.details), number, generation)
        for row, number in zip(rows, numbers, strict=True)
    ]
    write_rows(connection, scope, transitions, (*TransitionRow._fields, "from_generation"), ready)
    return numbers


def supersede(
    connection: Connection, scope: Scope, member_id: int, program_id: int, from_position: int, at: int
) -> int:
    """Mark the member's current transitions from `from_position` on as superseded; how many there were."""
    statement = scope.update(transitions).where(
        transitions.c.member_id == member_id,
        transitions.c.program_id == program_id,
        transitions.c.position >= from_position,
        *_current(scope, program_id),
    )
    return connection.execute(statement.values(superseded_at=at, until_generation=0)).rowcount


def supersede_all(
    connection: Connection, scope: Scope, rows: Sequence[TransitionRow], at: int, *, generation: int = 0
) -> None:
    """Mark those very transitions, as they were read, as superseded: by a generation, or at once."""
    keys = [(row.member_id, row.program_id, row.sequence, at, generation) for row in rows]
    columns = ("member_id", "program_id", "sequence", "superseded_at", "until_generation")
    change_rows(connection, scope, transitions, columns, keys)


def current(
    connection: Connection, scope: Scope, member_ids: Iterable[int], program_id: int
) -> dict[int, list[TransitionRow]]:
    """The timelines of those members in one program, as told so far: by member, in order."""
    query = scope.select(transitions, *_COLUMNS).where(
        among(connection, transitions.c.member_id, member_ids),
        transitions.c.program_id == program_id,
        *_current(scope, program_id),
    )
    found: dict[int, list[TransitionRow]] = {}
    for row in all_of(connection, query.order_by(transitions.c.member_id, transitions.c.position), TransitionRow):
        found.setdefault(row.member_id, []).append(row)
    return found


def of_member(
    connection: Connection, scope: Scope, member_id: int, program_id: int, *, superseded: bool = False
) -> list[TransitionRow]:
    """The transitions of one member, in the order of the timeline; with `superseded` also what is no longer true."""
    shown = shown_generation(scope, program_id)
    gone_at = case((transitions.c.until_generation <= shown, transitions.c.superseded_at)).label("superseded_at")
    columns = [gone_at if column.name == "superseded_at" else column for column in _COLUMNS]
    query = scope.select(transitions, *columns).where(
        transitions.c.member_id == member_id,
        transitions.c.program_id == program_id,
        transitions.c.from_generation <= shown,
    )
    if not superseded:
        query = query.where(transitions.c.until_generation > shown)
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
        *_current(scope, program_id),
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
        *_current(scope, program_id),
    )
    grouped = query.group_by(day, transitions.c.kind, transitions.c.from_index, transitions.c.to_index).order_by(day)
    return all_of(connection, grouped, DailyFlow)


# --- what an activation stages, and what of it is to be told once it is shown


def clear(connection: Connection, scope: Scope, program_id: int, generation: int, member_ids: Iterable[int]) -> None:
    """Forget what a generation that is not shown changes in the timelines of those members."""
    ids = list(member_ids)
    hers = and_(transitions.c.program_id == program_id, among(connection, transitions.c.member_id, ids))
    connection.execute(scope.delete(transitions).where(hers, transitions.c.from_generation == generation))
    gone = scope.update(transitions).where(hers, transitions.c.until_generation == generation)
    connection.execute(gone.values(superseded_at=None, until_generation=OPEN_END))
    told(connection, scope, program_id, generation, ids)


def of_generation(
    connection: Connection, scope: Scope, program_id: int, generation: int, member_ids: Iterable[int]
) -> tuple[list[TransitionRow], dict[int, list[TransitionRow]]]:
    """What a generation added to the timelines of those members, and what it superseded, by member: all in order."""
    query = scope.select(transitions, *_COLUMNS).where(
        among(connection, transitions.c.member_id, member_ids), transitions.c.program_id == program_id
    )
    query = query.order_by(transitions.c.member_id, transitions.c.position)
    added = all_of(connection, query.where(transitions.c.from_generation == generation), TransitionRow)
    superseded: dict[int, list[TransitionRow]] = {}
    for row in all_of(connection, query.where(transitions.c.until_generation == generation), TransitionRow):
        superseded.setdefault(row.member_id, []).append(row)
    return added, superseded


def keep_to_tell(
    connection: Connection, scope: Scope, program_id: int, generation: int, member_ids: Iterable[int]
) -> None:
    """Remember that the moves of those members by that generation are to be told."""
    rows = [(program_id, generation, member) for member in member_ids]
    columns = ("program_id", "generation", "member_id")
    write_rows(connection, scope, moves_to_tell, columns, rows, OnConflict.IGNORE)


def to_tell(
    connection: Connection,
    scope: Scope,
    program_id: int,
    generation: int,
    *,
    among_members: Iterable[int] | None = None,
    limit: int | None = None,
) -> list[int]:
    """The members whose moves by that generation nobody has been told of, by id; of some only, if they are named."""
    query = scope.select(moves_to_tell, moves_to_tell.c.member_id).where(*_to_tell(program_id, generation))
    if among_members is not None:
        query = query.where(among(connection, moves_to_tell.c.member_id, among_members))
    return list(connection.execute(query.order_by(moves_to_tell.c.member_id).limit(limit)).scalars())


def count_to_tell(connection: Connection, scope: Scope, program_id: int, generation: int) -> int:
    """How many members moves are to be told of."""
    query = scope.select(moves_to_tell, func.count()).where(*_to_tell(program_id, generation))
    return int(connection.execute(query).scalar_one())


def told(connection: Connection, scope: Scope, program_id: int, generation: int, member_ids: Iterable[int]) -> None:
    """The moves of those members are told."""
    there = among(connection, moves_to_tell.c.member_id, member_ids)
    connection.execute(scope.delete(moves_to_tell).where(*_to_tell(program_id, generation), there))


def _to_tell(program_id: int, generation: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moves_to_tell.c.program_id == program_id, moves_to_tell.c.generation == generation
