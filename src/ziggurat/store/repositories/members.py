"""Members: found, made on first sight, locked in order, merged and erased."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Select, func

from ziggurat.store.errors import StaleVersionError
from ziggurat.store.id_arrays import fetch_ids
from ziggurat.store.prepared import Prepared, among_given, given_values
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import OnConflict, update_rows, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.sequences import take
from ziggurat.store.tables import members
from ziggurat.store.tables.base import canonical_json

KIND = "member"


class Member(NamedTuple):
    """A member. `absorbed` counts the members merged into this one; `merged_into` says where this one went."""

    id: int
    external_id: str
    attributes: dict[str, Any]
    created_at: int
    enrolled_at: int | None
    merged_into: int | None
    absorbed: int
    erased_at: int | None
    version: int


_COLUMNS = columns_of(members, Member)


def get(connection: Connection, scope: Scope, external_id: str) -> Member | None:
    """The member that the organization calls `external_id`."""
    return one_of(connection, scope.select(members, *_COLUMNS).where(members.c.external_id == external_id), Member)


def by_ids(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, Member]:
    """Those members, by id."""
    query = scope.select(members, *_COLUMNS).where(among(connection, members.c.id, ids))
    return {member.id: member for member in all_of(connection, query, Member)}


def by_external_ids(connection: Connection, scope: Scope, external_ids: Iterable[str]) -> dict[str, Member]:
    """Those of the members that exist, by external id."""
    query = scope.select(members, *_COLUMNS).where(among(connection, members.c.external_id, external_ids))
    return {member.external_id: member for member in all_of(connection, query, Member)}


def page(connection: Connection, scope: Scope, *, after: str = "", limit: int) -> list[Member]:
    """The next `limit` members by external id."""
    query = scope.select(members, *_COLUMNS).where(members.c.external_id > after)
    return all_of(connection, query.order_by(members.c.external_id).limit(limit), Member)


def ids_page(connection: Connection, scope: Scope, *, after: int = -1, limit: int) -> list[int]:
    """The next `limit` ids of members that stand for themselves: how background jobs walk over the base."""
    query = scope.select(members, members.c.id).where(members.c.id > after, members.c.merged_into.is_(None))
    return list(connection.execute(query.order_by(members.c.id).limit(limit)).scalars())


def count(connection: Connection, scope: Scope, *, erased: bool = True) -> int:
    """How many members stand for themselves, with those who were erased or without."""
    query = scope.select(members, func.count()).where(members.c.merged_into.is_(None))
    query = query if erased else query.where(members.c.erased_at.is_(None))
    return int(connection.execute(query).scalar_one())


def ensure(
    connection: Connection,
    scope: Scope,
    external_ids: Collection[str],
    created_at: int,
    made: set[int] | None = None,
) -> dict[str, Member]:
    """Those members by external id, the unknown ones made; all of them held as by `lock`.

    Ids follow the order of a list, or else that of names. The ids of those who were made here are put into `made`.
    """
    found = _locked(connection, scope, _BY_NAME, external_ids)
    there = {member.external_id for member in found}
    order = external_ids if isinstance(external_ids, list) else sorted(set(external_ids))
    unknown = [name for name in dict.fromkeys(order) if name not in there]
    if unknown:
        numbers = take(connection, scope, "members", len(unknown))
        columns = ("id", "external_id", "attributes", "created_at", "absorbed", "version")
        empty = canonical_json({})
        rows = [(number, name, empty, created_at, 0, 1) for number, name in zip(numbers, unknown, strict=True)]
        rows.sort(key=itemgetter(1))  # so that two writers who make the same members do not wait for each other
        write_rows(connection, scope, members, columns, rows, OnConflict.IGNORE)
        fresh = _locked(connection, scope, _BY_NAME, unknown)
        found += fresh
        if made is not None:
            made |= {member.id for member in fresh} & set(numbers)
    return {member.external_id: member for member in found}


def unmake(connection: Connection, scope: Scope, ids: Iterable[int]) -> None:
    """Take members away whom the same transaction has made and nothing is known of."""
    connection.execute(scope.delete(members).where(among(connection, members.c.id, ids)))


def lock(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, Member]:
    """Those members by id, held until the transaction ends, so that writers on one member take turns.

    On PostgreSQL rows are locked in the order of ids; SQLite has one writer anyway. A member who was merged meanwhile
    is answered with `merged_into` set.
    """
    return {member.id: member for member in _locked(connection, scope, _BY_NUMBER, ids)}


def _locked(connection: Connection, scope: Scope, by: Prepared, values: Iterable[Any]) -> list[Member]:
    rows = by.rows(connection, scope, values=given_values(connection, values))
    return sorted(map(member_of, rows), key=_number)


def _locking(column: Column[Any]) -> Prepared:
    def make(scope: Scope, dialect: str) -> Select[Any]:
        query = scope.select(members, *_COLUMNS).where(among_given(dialect, column, "values"))
        if dialect == "sqlite":  # asked to sort, it would read every member
            return query
        return query.order_by(members.c.id).with_for_update(of=members)

    return Prepared(make)


_BY_NAME, _BY_NUMBER = _locking(members.c.external_id), _locking(members.c.id)


def member_of(row: tuple[Any, ...]) -> Member:
    """A member of a row as the driver gives it: attributes as text."""
    number, external_id, attributes, *rest = row
    return Member(number, external_id, {} if attributes == "{}" else json.loads(attributes), *rest)


def _number(member: Member) -> int:
    return member.id


def hold(connection: Connection, scope: Scope, ids: Iterable[int]) -> None:
    """Keep others from changing those members until the transaction ends, without reading them."""
    if connection.dialect.name != "sqlite":  # which has one writer anyway
        query = scope.select(members, members.c.id).where(among(connection, members.c.id, ids))
        fetch_ids(connection, query.order_by(members.c.id).with_for_update(of=members))


def names(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, str]:
    """The external ids of those members, by id."""
    query = scope.select(members, members.c.id, members.c.external_id).where(among(connection, members.c.id, ids))
    return {number: name for number, name in connection.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def save(connection: Connection, scope: Scope, member: Member) -> Member:
    """Store the fields of `member`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = member._replace(version=member.version + 1)
    values = changed._asdict()
    del values["id"]
    statement = scope.update(members).where(members.c.id == member.id, members.c.version == member.version)
    if connection.execute(statement.values(values)).rowcount != 1:
        raise StaleVersionError(KIND, member.external_id, member.version)
    return changed


def set_enrolled(connection: Connection, scope: Scope, enrolments: Sequence[tuple[int, int]]) -> None:
    """Remember the enrolment instants of members: pairs of id and instant."""
    rows = [(at, member_id) for member_id, at in enrolments]
    update_rows(connection, scope, members, "id", ("enrolled_at",), rows)


def absorbed_by(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, list[int]]:
    """The members merged into each of `ids`, by survivor; survivors that absorbed nobody are left out."""
    query = scope.select(members, members.c.merged_into, members.c.id).where(
        among(connection, members.c.merged_into, ids)
    )
    groups: dict[int, list[int]] = {}
    for survivor, absorbed in sorted(connection.execute(query)):  # asked to sort, SQLite would read every member
        groups.setdefault(survivor, []).append(absorbed)
    return groups


def is_at_most(connection: Connection, scope: Scope, count: int) -> bool:
    """Whether the organization has no more than `count` members."""
    query = scope.select(members, members.c.id).order_by(members.c.id).offset(count).limit(1)
    return connection.execute(query).first() is None
