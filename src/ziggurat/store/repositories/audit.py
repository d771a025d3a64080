"""The audit trail: each entry carries the hash of the one before, so that a change to any of them shows."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ziggurat.store.repositories import organizations
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope
from ziggurat.store.tables import audit_entries
from ziggurat.store.tables.base import canonical_json

FIRST_HASH = bytes(32)
"""What the first entry has for the hash of the one before."""


class AuditEntry(NamedTuple):
    """Who did what to what, and when. Numbers start at 1 and have no gaps."""

    number: int
    at: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous_hash: bytes
    hash: bytes


class Break(NamedTuple):
    """The first entry that does not fit, and why."""

    number: int
    problem: str


_COLUMNS = columns_of(audit_entries, AuditEntry)
_BATCH = 1_000


def append(
    connection: Connection,
    scope: Scope,
    *,
    at: int,
    actor: str,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry. Whoever appends holds the organization's row until the transaction ends: do it last."""
    organizations.lock(connection, scope)
    last = head(connection, scope)
    number, previous = (last.number + 1, bytes(last.hash)) if last else (1, FIRST_HASH)
    entry = AuditEntry(number, at, actor, action, subject, details or {}, previous, b"")
    entry = entry._replace(hash=hash_of(scope, entry))
    connection.execute(scope.insert(audit_entries).values(entry._asdict()))
    return entry


def hash_of(scope: Scope, entry: AuditEntry) -> bytes:
    """What the hash of `entry` has to be: SHA-256 over the hash before and the canonical JSON of the entry."""
    said = [scope.organization_id, entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.details]
    return sha256(bytes(entry.previous_hash) + canonical_json(said).encode()).digest()


def head(connection: Connection, scope: Scope) -> AuditEntry | None:
    """The newest entry. Its number and hash, kept elsewhere, prove later that nothing was cut off."""
    query = scope.select(audit_entries, *_COLUMNS).order_by(audit_entries.c.number.desc()).limit(1)
    return one_of(connection, query, AuditEntry)


def page(
    connection: Connection, scope: Scope, *, after: int = 0, limit: int, subject: str | None = None
) -> list[AuditEntry]:
    """The next `limit` entries by number, of one subject if it is named."""
    query = scope.select(audit_entries, *_COLUMNS).where(audit_entries.c.number > after)
    if subject is not None:
        query = query.where(audit_entries.c.subject == subject)
    return all_of(connection, query.order_by(audit_entries.c.number).limit(limit), AuditEntry)


def verify(connection: Connection, scope: Scope, expected_head: tuple[int, bytes] | None = None) -> Break | None:
    """Where the trail has been tampered with, None if nowhere.

    `expected_head` is a (number, hash) noted earlier: without it, entries cut off at the end cannot be missed.
    """
    number, previous = 0, FIRST_HASH
    seen: dict[int, bytes] = {}
    while entries := page(connection, scope, after=number, limit=_BATCH):
        for entry in entries:
            if entry.number != number + 1:
                return Break(number + 1, "is missing")
            if bytes(entry.previous_hash) != previous:
                return Break(entry.number, "does not follow the entry before")
            if bytes(entry.hash) != hash_of(scope, entry):
                return Break(entry.number, "was changed")
            number, previous = entry.number, bytes(entry.hash)
            if expected_head is not None and number == expected_head[0]:
                seen[number] = previous
    if expected_head is not None and seen.get(expected_head[0]) != expected_head[1]:
        return Break(expected_head[0], "is not the entry noted earlier")
    return None
