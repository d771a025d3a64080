"""Derived member states: written many at once, found when due, listed and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func

from ziggurat.store.prepared import Prepared, among_given, given_values
from ziggurat.store.repositories.programs import shown_generation
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import OnConflict, change_rows, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.tables import member_states, members


class MemberState(NamedTuple):
    """What a program shows of a member. `tier_index` counts in the ladder, -1 is no tier; None is never or nothing.

    `timeline_checksum` (int64) tells whether the timeline changed. `value`, `through_sequence` (the last event counted)
    and `evaluated_at` are of when the state was written: where there are no audiences, nobody writes it only for them.
    """

    member_id: int
    program_id: int
    tier_index: int
    tier_key: str | None
    since: int | None
    expires_at: int | None
    grace_until: int | None
    next_decision_at: int | None
    value: int | None
    revision: int
    timeline_checksum: int
    evaluated_at: int
    through_sequence: int
    checkpoint: bytes | None = None


class Listed(NamedTuple):
    """A state with its member's external id, for lists."""

    external_id: str
    state: MemberState


_COLUMNS = columns_of(member_states, MemberState)
_SAVED = (*MemberState._fields, "generation")
_REFRESHED = (
    "member_id",
    "program_id",
    "generation",
    "since",
    "grace_until",
    "value",
    "revision",
    "timeline_checksum",
    "evaluated_at",
    "through_sequence",
)
_OF_MEMBERS = Prepared(
    lambda scope, dialect: scope.select(member_states, *_COLUMNS).where(
        among_given(dialect, member_states.c.member_id, "ids"), _shown_of_any(scope)
    )
)


def _shown(scope: Scope, program_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That a row is the program's, and one that is shown."""
    shown = shown_generation(scope, program_id)
    return member_states.c.program_id == program_id, member_states.c.generation == shown


def _shown_of_any(scope: Scope) -> ColumnElement[bool]:
    """That a row is one that its program shows. Asked row by row: PostgreSQL joins whole tables without statistics."""
    return member_states.c.generation == shown_generation(scope, member_states.c.program_id)


def get(connection: Connection, scope: Scope, member_id: int, program_id: int) -> MemberState | None:
    """The state of one member in one program."""
    query = scope.select(member_states, *_COLUMNS).where(
        member_states.c.member_id == member_id, *_shown(scope, program_id)
    )
    return one_of(connection, query, MemberState)


def of_member(connection: Connection, scope: Scope, member_id: int) -> list[MemberState]:
    """The states of one member in all programs."""
    query = scope.select(member_states, *_COLUMNS).where(member_states.c.member_id == member_id, _shown_of_any(scope))
    return all_of(connection, query.order_by(member_states.c.program_id), MemberState)


def of_members(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> dict[tuple[int, int], MemberState]:
    """The states of those members in all programs, by (member, program)."""
    rows = _OF_MEMBERS.rows(connection, scope, ids=given_values(connection, member_ids))
    return {(row[0], row[1]): MemberState._make(row) for row in rows}


def save(connection: Connection, scope: Scope, states: Sequence[MemberState], *, generation: int) -> None:
    """Write states of a generation, new ones and known ones alike. Their members must be locked."""
    rows = [(*state, generation) for state in states]
    write_rows(connection, scope, member_states, _SAVED, rows, OnConflict.REPLACE)


def refresh(connection: Connection, scope: Scope, states: Sequence[MemberState], *, generation: int) -> None:
    """Write known states whose tier, expiry and next decision have not changed: no index is touched."""
    places = [_SAVED.index(name) for name in _REFRESHED]
    rows = [tuple([row[place] for place in places]) for row in [(*state, generation) for state in states]]
    change_rows(connection, scope, member_states, _REFRESHED, rows)


def delete(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Forget the states of those members, in all programs and generations."""
    connection.execute(scope.delete(member_states).where(among(connection, member_states.c.member_id, member_ids)))


def claim_due(connection: Connection, scope: Scope, program_id: int, now: int, limit: int) -> list[int]:
    """The ids of up to `limit` members whose next decision is due at `now`, the longest overdue first.

    On PostgreSQL their state rows are held until the transaction ends and those that another worker holds are passed
    over; on SQLite the transaction must be a writing one. Lock the members afterwards, and evaluate again: a state may
    have moved on before the lock.
    """
    query = (
        scope.select(member_states, member_states.c.member_id)
        .where(*_shown(scope, program_id), member_states.c.next_decision_at <= now)
        .order_by(member_states.c.next_decision_at)
        .limit(limit)
    )
    if connection.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    return list(connection.execute(query).scalars())


def backlog(connection: Connection, scope: Scope, program_id: int, now: int) -> tuple[int, int | None]:
    """How many members are due at `now`, and since when the first of them is."""
    query = scope.select(member_states, func.count(), func.min(member_states.c.next_decision_at)).where(
        *_shown(scope, program_id), member_states.c.next_decision_at <= now
    )
    count, oldest = connection.execute(query).one()
    return count, oldest


def counts(connection: Connection, scope: Scope, program_id: int) -> dict[int, int]:
    """How many members each tier has, by its index (-1: none)."""
    query = scope.select(member_states, member_states.c.tier_index, func.count()).where(*_shown(scope, program_id))
    return {int(index): int(count) for index, count in connection.execute(query.group_by(member_states.c.tier_index))}


def page(
    connection: Connection,
    scope: Scope,
    program_id: int,
    *,
    after: str = "",
    limit: int,
    tier_index: int | None = None,
    expiring_before: int | None = None,
) -> list[Listed]:
    """The next `limit` members of a program by external id, in a tier or with a tier that ends before an instant."""
    conditions: list[ColumnElement[bool]] = [*_shown(scope, program_id), members.c.external_id > after]
    if tier_index is not None:
        conditions.append(member_states.c.tier_index == tier_index)
    if expiring_before is not None:
        conditions.append(member_states.c.expires_at < expiring_before)
    same = members.c.id == member_states.c.member_id
    query = scope.select_joined(member_states, members, same, members.c.external_id, *_COLUMNS).where(*conditions)
    rows = connection.execute(query.order_by(members.c.external_id).limit(limit))
    return [Listed(row[0], MemberState._make(row[1:])) for row in rows]


# --- generations that are not shown: those of an activation under way, and those that one has replaced


def clear(connection: Connection, scope: Scope, program_id: int, generation: int, member_ids: Iterable[int]) -> None:
    """Forget the states of those members in one generation of a program."""
    mine = and_(member_states.c.program_id == program_id, member_states.c.generation == generation)
    there = among(connection, member_states.c.member_id, member_ids)
    connection.execute(scope.delete(member_states).where(mine, there))


def first_generation(connection: Connection, scope: Scope, program_id: int, *, after: int, before: int) -> int | None:
    """The first generation of a program's states between two others, both excluded; None if there is none."""
    query = scope.select(member_states, func.min(member_states.c.generation)).where(
        member_states.c.program_id == program_id,
        member_states.c.generation > after,
        member_states.c.generation < before,
    )
    found: int | None = connection.execute(query).scalar_one()
    return found


def members_of_generation(
    connection: Connection, scope: Scope, program_id: int, generation: int, limit: int
) -> list[int]:
    """Up to `limit` members that have states in one generation of a program."""
    query = scope.select(member_states, member_states.c.member_id).where(
        member_states.c.program_id == program_id, member_states.c.generation == generation
    )
    return list(connection.execute(query.limit(limit)).scalars())
