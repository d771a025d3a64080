"""The outbox: what happened and is to be told, written in the same transaction as the change itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func

from ziggurat.store.repositories.records import all_of, columns_of
from ziggurat.store.rows import write_rows
from ziggurat.store.scope import Scope, among, organizations_with
from ziggurat.store.sequences import take
from ziggurat.store.tables import outbox, webhook_deliveries
from ziggurat.store.tables.base import canonical_json


class Message(NamedTuple):
    """Something to tell. Messages about one member are told in the order of their ids."""

    type: str
    payload: dict[str, Any]
    occurred_at: int
    created_at: int
    member_id: int | None = None
    id: int = 0


_COLUMNS = columns_of(outbox, Message)


def add(connection: Connection, scope: Scope, messages: Sequence[Message]) -> list[int]:
    """Store messages; their ids, in the order given."""
    numbers = list(take(connection, scope, "outbox", len(messages)))
    rows = [
        (type_, canonical_json(payload), occurred_at, created_at, member_id, number)
        for (type_, payload, occurred_at, created_at, member_id, _), number in zip(messages, numbers, strict=True)
    ]
    write_rows(connection, scope, outbox, Message._fields, rows)
    return numbers


def organizations_waiting(connection: Connection) -> list[Scope]:
    """The organizations that have messages to dispatch."""
    query = organizations_with(outbox, outbox.c.dispatched_at.is_(None))
    return [Scope(number) for number in connection.execute(query).scalars()]


def claim(connection: Connection, scope: Scope, limit: int) -> list[Message]:
    """Up to `limit` messages not dispatched yet, oldest first, held until the transaction ends."""
    query = scope.select(outbox, *_COLUMNS).where(outbox.c.dispatched_at.is_(None)).order_by(outbox.c.id).limit(limit)
    if connection.dialect.name != "sqlite":
        query = query.with_for_update()  # not SKIP LOCKED: two dispatchers would disturb the order within a member
    return all_of(connection, query, Message)


def mark_dispatched(connection: Connection, scope: Scope, ids: Iterable[int], at: int) -> None:
    """Those messages have their deliveries."""
    connection.execute(scope.update(outbox).where(among(connection, outbox.c.id, ids)).values(dispatched_at=at))


def get_many(connection: Connection, scope: Scope, ids: Iterable[int]) -> dict[int, Message]:
    """Those messages, by id."""
    query = scope.select(outbox, *_COLUMNS).where(among(connection, outbox.c.id, ids))
    return {message.id: message for message in all_of(connection, query, Message)}


def page(
    connection: Connection,
    scope: Scope,
    *,
    types: Collection[str] = (),
    since: int | None = None,
    until: int | None = None,
    after: int = 0,
    limit: int,
) -> list[Message]:
    """The next `limit` messages by id, dispatched or not: of these types, of what happened from `since` to `until`."""
    query = scope.select(outbox, *_COLUMNS).where(outbox.c.id > after)
    if types:
        query = query.where(outbox.c.type.in_(sorted(types)))
    if since is not None:
        query = query.where(outbox.c.occurred_at >= since)
    if until is not None:
        query = query.where(outbox.c.occurred_at < until)
    return all_of(connection, query.order_by(outbox.c.id).limit(limit), Message)


def purge(connection: Connection, scope: Scope, before: int, limit: int) -> int:
    """Forget up to `limit` of the oldest messages, dispatched before that instant and without deliveries; how many."""
    columns = (outbox.c.id, outbox.c.dispatched_at)
    oldest = connection.execute(scope.select(outbox, *columns).order_by(outbox.c.id).limit(limit)).all()
    ids = [number for number, dispatched in oldest if dispatched and dispatched < before]
    wanted = scope.select(webhook_deliveries, webhook_deliveries.c.outbox_id).where(
        among(connection, webhook_deliveries.c.outbox_id, ids)
    )
    told = set(ids) - set(connection.execute(wanted).scalars())
    return connection.execute(scope.delete(outbox).where(among(connection, outbox.c.id, told))).rowcount


def rename_member(connection: Connection, scope: Scope, member_ids: Iterable[int], name: str) -> None:
    """Call a member `name` in every message about her, told or not: the name she had is to be forgotten."""
    query = scope.select(outbox, outbox.c.id, outbox.c.payload).where(among(connection, outbox.c.member_id, member_ids))
    for number, payload in connection.execute(query).all():
        renamed = _renamed(payload, name)
        connection.execute(scope.update(outbox).where(outbox.c.id == number).values(payload=renamed))


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_renamed(each, name) for each in value]
    if isinstance(value, dict):
        return {key: name if key == "member" else _renamed(each, name) for key, each in value.items()}
    return value


def waiting(connection: Connection, scope: Scope) -> tuple[int, int | None]:
    """How many messages wait, and since when the oldest does."""
    query = scope.select(outbox, func.count(), func.min(outbox.c.created_at)).where(outbox.c.dispatched_at.is_(None))
    count, oldest = connection.execute(query).one()
    return count, oldest
