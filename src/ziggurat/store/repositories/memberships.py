"""Who is in which audience, who joined and left, and who ought to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, literal

from ziggurat.program.audience_rules import RuleSet
from ziggurat.store.id_arrays import fetch_ids, fetch_present
from ziggurat.store.repositories import profiles
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.repositories.records import all_of, columns_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take
from ziggurat.store.tables import audience_changes, audience_members, audiences, member_profiles


class Change(NamedTuple):
    """One member joining or leaving one audience, found out at `at`. `sequence` is given when it is stored."""

    audience_id: int
    member_id: int
    joined: bool
    at: int
    cause: str
    sequence: int = 0


class Differences(NamedTuple):
    """Who ought to join and who to leave, each ascending."""

    joining: list[int]
    leaving: list[int]


class Listed(NamedTuple):
    """A member of an audience, and since when."""

    since: int
    profile: Profile


_CHANGES = columns_of(audience_changes, Change)
_members = audience_members.c
_MATCHED = member_profiles.c.member_id
_MEMBER = audience_members.c.member_id
_SPARSE = 20
"""From so many numbers for each one wanted on, single searches are quicker than a walk over the range."""
_WIDE = 64
"""Up to so many numbers for each one that there is, a mark for every number is cheap."""


def of_members(
    connection: Connection, scope: Scope, member_ids: Iterable[int], audience_ids: Iterable[int]
) -> set[tuple[int, int]]:
    """Which of the members are in which of the audiences: pairs of audience and member."""
    wanted = set(audience_ids)
    query = scope.select(audience_members, _members.audience_id, _members.member_id).where(
        among(connection, _members.member_id, member_ids)
    )
    return {(audience, member) for audience, member in connection.execute(query) if audience in wanted}


def audiences_of(connection: Connection, scope: Scope, member_id: int) -> list[tuple[int, int]]:
    """The audiences, not archived, that a member is in, and since when: pairs of audience id and instant."""
    query = scope.select_joined(
        audience_members, audiences, audiences.c.id == _members.audience_id, _members.audience_id, _members.since
    ).where(_members.member_id == member_id, audiences.c.archived_at.is_(None))
    return [(audience, since) for audience, since in connection.execute(query.order_by(_members.audience_id))]


def among_ids(connection: Connection, scope: Scope, audience_id: int, member_ids: Iterable[int]) -> set[int]:
    """Those of the members that are in the audience."""
    mine = scope.select(audience_members, _MEMBER).where(_members.audience_id == audience_id)
    return set(fetch_present(connection, mine, _MEMBER, list(member_ids)).tolist())


def count(connection: Connection, scope: Scope, audience_ids: Iterable[int]) -> dict[int, int]:
    """How many members each of the audiences has."""
    wanted = list(audience_ids)
    query = scope.select(audience_members, _members.audience_id, func.count()).where(
        among(connection, _members.audience_id, wanted)
    )
    rows = connection.execute(query.group_by(_members.audience_id))
    found: dict[int, int] = {audience: members for audience, members in rows}  # noqa: C416 - rows are no pairs to mypy
    return {audience: found.get(audience, 0) for audience in wanted}


def differences(
    connection: Connection, scope: Scope, audience_id: int, rules: RuleSet, programs: Mapping[str, int]
) -> Differences:
    """Who satisfies `rules` and is not in the audience, and who is and does not; found in the database.

    Both sides come as arrays of ids, which is quicker than asking the database for the difference.
    """
    matching = fetch_ids(connection, profiles.select_matching(connection, scope, rules, programs, _MATCHED))
    there = fetch_ids(connection, scope.select(audience_members, _MEMBER).where(_members.audience_id == audience_id))
    return _between(matching, there)


def differences_among(
    connection: Connection,
    scope: Scope,
    audience_id: int,
    rules: RuleSet,
    programs: Mapping[str, int],
    member_ids: Sequence[int],
) -> Differences:
    """The same for some of the members, who are held."""
    if not member_ids:
        return Differences([], [])
    first, last = member_ids[0], member_ids[-1]
    matching = profiles.select_matching(connection, scope, rules, programs, _MATCHED)
    mine = scope.select(audience_members, _MEMBER).where(_members.audience_id == audience_id)
    if last - first < _SPARSE * len(member_ids):
        ought = fetch_ids(connection, matching.where(_MATCHED.between(first, last)))
        there = fetch_ids(connection, mine.where(_MEMBER.between(first, last)))
    else:
        ought = fetch_present(connection, matching, _MATCHED, member_ids)
        there = fetch_present(connection, mine, _MEMBER, member_ids)
    found = _between(ought, there)
    wanted = np.array(member_ids, np.int64)
    return Differences(*(np.intersect1d(ids, wanted, assume_unique=True).tolist() for ids in found))


def _between(ought: NDArray[np.int64], there: NDArray[np.int64]) -> Differences:
    """Who of `ought` is not `there`, and who is there that ought not to be; neither has anybody twice."""
    if not len(ought) or not len(there):
        return Differences(np.sort(ought).tolist(), np.sort(there).tolist())
    first = min(ought.min(), there.min())
    span = int(max(ought.max(), there.max()) - first) + 1
    if span > _WIDE * (len(ought) + len(there)):
        joining = np.setdiff1d(ought, there, assume_unique=True)
        leaving = np.setdiff1d(there, ought, assume_unique=True)
    else:  # numbers are close together: marking them is much quicker than sorting
        marks = np.zeros(span, np.int8)
        marks[ought - first] = 1
        marks[there - first] -= 1
        joining, leaving = np.flatnonzero(marks == 1) + first, np.flatnonzero(marks == -1) + first
    return Differences(np.sort(joining).tolist(), np.sort(leaving).tolist())


def apply_differences(
    connection: Connection, scope: Scope, audience_id: int, found: Differences, at: int, cause: str
) -> None:
    """Write who joins and leaves one audience, and remember it."""
    write_rows(
        connection,
        scope,
        audience_members,
        ("audience_id", "member_id", "since"),
        [(audience_id, member, at) for member in found.joining],
        OnConflict.IGNORE,
    )
    if found.leaving:
        gone = and_(_members.audience_id == audience_id, among(connection, _MEMBER, found.leaving))
        connection.execute(scope.delete(audience_members).where(gone))
    numbers = take(connection, scope, "work", len(found.joining) + len(found.leaving))
    everybody = chain(zip(found.joining, repeat(True)), zip(found.leaving, repeat(False)))
    rows = [
        (audience_id, member, joined, at, cause, number)
        for (member, joined), number in zip(everybody, numbers, strict=True)
    ]
    write_rows(connection, scope, audience_changes, Change._fields, rows)


def apply(connection: Connection, scope: Scope, changes: Sequence[Change]) -> list[Change]:
    """Write who joins and leaves, and remember it; the changes as stored. Their members must be locked."""
    numbers = take(connection, scope, "work", len(changes))
    stored = [change._replace(sequence=number) for change, number in zip(changes, numbers, strict=True)]
    joins = [(change.audience_id, change.member_id, change.at) for change in stored if change.joined]
    columns = ("audience_id", "member_id", "since")
    write_rows(connection, scope, audience_members, columns, joins, OnConflict.IGNORE)
    leaves: dict[int, list[int]] = {}
    for change in stored:
        if not change.joined:
            leaves.setdefault(change.audience_id, []).append(change.member_id)
    for audience_id, ids in leaves.items():
        gone = and_(_members.audience_id == audience_id, among(connection, _members.member_id, ids))
        connection.execute(scope.delete(audience_members).where(gone))
    write_rows(connection, scope, audience_changes, Change._fields, stored)
    return stored


def members_page(
    connection: Connection,
    scope: Scope,
    audience_ids: Sequence[int],
    *,
    search: str = "",
    after: str = "",
    limit: int,
) -> list[Listed]:
    """The next `limit` members of the audiences (each once), by the member's id; `since` is 0 for several audiences."""
    columns = columns_of(member_profiles, Profile)
    if len(audience_ids) == 1:
        mine = and_(_members.member_id == _MATCHED, _members.audience_id == audience_ids[0])
        query = scope.select_joined(member_profiles, audience_members, mine, *columns, _members.since)
    else:
        there = scope.select(audience_members, _members.member_id)
        there = there.where(among(connection, _members.audience_id, audience_ids))
        query = scope.select(member_profiles, *columns, literal(0)).where(_MATCHED.in_(there))
    query = query.where(member_profiles.c.member > after).order_by(member_profiles.c.member).limit(limit)
    if search:
        query = query.where(profiles.searched(search))
    return [Listed(row[-1], profiles.profile_of(row[:-1])) for row in connection.execute(query)]


def changes_page(
    connection: Connection,
    scope: Scope,
    audience_id: int | None,
    *,
    member_id: int | None = None,
    after: int = 0,
    limit: int,
) -> list[Change]:
    """The next `limit` joins and leaves, oldest first: of an audience, or a member, or both."""
    query = scope.select(audience_changes, *_CHANGES).where(audience_changes.c.sequence > after)
    if audience_id is not None:
        query = query.where(audience_changes.c.audience_id == audience_id)
    if member_id is not None:
        query = query.where(audience_changes.c.member_id == member_id)
    return all_of(connection, query.order_by(audience_changes.c.sequence).limit(limit), Change)


def everywhere(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Every (audience, member) that the members are in, of lists and rules alike."""
    query = scope.select(audience_members, _members.audience_id, _members.member_id).where(
        among(connection, _members.member_id, member_ids)
    )
    return [(audience, member) for audience, member in connection.execute(query)]


def ids_in(connection: Connection, scope: Scope, audience_id: int) -> list[int]:
    """Everybody in an audience, by number."""
    found: list[int] = fetch_ids(
        connection, scope.select(audience_members, _MEMBER).where(_members.audience_id == audience_id)
    ).tolist()
    return found
