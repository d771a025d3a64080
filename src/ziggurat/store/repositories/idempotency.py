"""Idempotency records: the answer to a request, kept for whoever sends it again with the same key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func

from ziggurat.store.repositories.records import columns_of, one_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope
from ziggurat.store.tables import idempotency_records

CARRIED_OUT = 0


class StoredAnswer(NamedTuple):
    """What is kept under a key. `status` is None while the first request is still being answered.

    CARRIED_OUT says that it was carried out, and that there is no answer to show.

    `fingerprint` says which request it was: another one with the same key is the caller's mistake.
    """

    key: str
    fingerprint: bytes
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None
    created_at: int
    expires_at: int


_COLUMNS = columns_of(idempotency_records, StoredAnswer)


def get(connection: Connection, scope: Scope, key: str, now: int) -> StoredAnswer | None:
    """What is kept under `key` and has not expired."""
    query = scope.select(idempotency_records, *_COLUMNS).where(
        idempotency_records.c.key == key, idempotency_records.c.expires_at > now
    )
    return one_of(connection, query, StoredAnswer)


def claim(
    connection: Connection, scope: Scope, key: str, fingerprint: bytes, *, now: int, expires_at: int
) -> StoredAnswer | None:
    """Take `key` for a request about to be answered: None if it was free, otherwise what is kept under it.

    On PostgreSQL a second claimer waits for the transaction of the first. Claim and answer in the same transaction as
    the request's work, so that a request that fails leaves its key free.
    """
    connection.execute(
        scope.delete(idempotency_records).where(
            idempotency_records.c.key == key, idempotency_records.c.expires_at <= now
        )
    )
    row = (key, fingerprint, now, expires_at)
    columns = ("key", "fingerprint", "created_at", "expires_at")
    if write_rows(connection, scope, idempotency_records, columns, [row], OnConflict.IGNORE) == 1:
        return None
    return get(connection, scope, key, now)


def answer(
    connection: Connection, scope: Scope, key: str, *, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Keep the answer under a claimed key."""
    statement = scope.update(idempotency_records).where(idempotency_records.c.key == key)
    connection.execute(statement.values(status=status, headers=headers, body=body))


def mark_carried_out(connection: Connection, scope: Scope, key: str) -> None:
    """Note, in the transaction of a request's own work, that it has been done; the answer follows later."""
    unanswered = (idempotency_records.c.key == key) & idempotency_records.c.status.is_(None)
    connection.execute(scope.update(idempotency_records).where(unanswered).values(status=CARRIED_OUT))


def withhold(connection: Connection, scope: Scope, names: Iterable[str]) -> None:
    """Forget what answers say in which one of `names` occurs; that their requests were carried out stays known."""
    body = idempotency_records.c.body
    for name in names:
        for text in {name, json.dumps(name)[1:-1]}:
            place = func.instr if connection.dialect.name == "sqlite" else func.pg_catalog.position
            statement = scope.update(idempotency_records).where(place(body, text.encode()) > 0)
            connection.execute(statement.values(status=CARRIED_OUT, headers=None, body=None))


def release(connection: Connection, scope: Scope, key: str) -> None:
    """Give a claimed key up again."""
    connection.execute(scope.delete(idempotency_records).where(idempotency_records.c.key == key))


def purge(connection: Connection, scope: Scope, now: int) -> int:
    """Forget what has expired; how many records it was."""
    expired = idempotency_records.c.expires_at <= now
    return connection.execute(scope.delete(idempotency_records).where(expired)).rowcount
