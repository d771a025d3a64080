"""Who members are, as said from outside: how to reach them, where they live, and anything else as metadata."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ziggurat.program.exact_json import read_exact, write_exact
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope, among
from ziggurat.store.tables import member_identities, member_profiles


class Identity(NamedTuple):
    """What is known of one member; None is not known."""

    member_id: int
    email: str | None
    phone: str | None
    full_name: str | None
    status: str | None
    country: str | None
    region: str | None
    city: str | None
    metadata: dict[str, Any]
    created_at: int
    updated_at: int
    version: int


_COLUMNS = columns_of(member_identities, Identity)
_METADATA = Identity._fields.index("metadata")
SAID = Identity._fields[1:_METADATA]
"""The names of what can be said beside metadata."""


def unknown(member_id: int, now: int) -> Identity:
    """A member of whom nothing is known."""
    return Identity(member_id, None, None, None, None, None, None, None, {}, now, now, 0)


def by_ids(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> dict[int, Identity]:
    """What is known of those members, by member."""
    query = scope.select(member_identities, *_COLUMNS).where(
        among(connection, member_identities.c.member_id, member_ids)
    )
    return {row[0]: _identity(row) for row in connection.execute(query)}


def save(connection: Connection, scope: Scope, identities: Sequence[Identity]) -> None:
    """Write what is known, of members that are locked."""
    rows = [
        (*identity[:_METADATA], write_exact(identity.metadata), *identity[_METADATA + 1 :]) for identity in identities
    ]
    write_rows(connection, scope, member_identities, Identity._fields, rows, OnConflict.REPLACE)


def delete(connection: Connection, scope: Scope, member_ids: Iterable[int]) -> None:
    """Forget what is known of those members."""
    connection.execute(
        scope.delete(member_identities).where(among(connection, member_identities.c.member_id, member_ids))
    )


def by_emails(connection: Connection, scope: Scope, folded: Iterable[str]) -> dict[str, int]:
    """Members by (folded) email; of several with the same one the first made."""
    return {email: members[0] for email, members in holding_emails(connection, scope, folded).items()}


def holding_emails(connection: Connection, scope: Scope, folded: Iterable[str]) -> dict[str, list[int]]:
    """All members by (folded) email, the first made first."""
    return _by(connection, scope, member_profiles.c.email_folded, folded)


def holding_phones(connection: Connection, scope: Scope, phones: Iterable[str]) -> dict[str, list[int]]:
    """All members by phone, the first made first."""
    return _by(connection, scope, member_profiles.c.phone, phones)


def _by(connection: Connection, scope: Scope, column: Any, values: Iterable[str]) -> dict[str, list[int]]:
    query = scope.select(member_profiles, column, member_profiles.c.member_id).where(among(connection, column, values))
    found: dict[str, list[int]] = {}
    for value, member in connection.execute(query.order_by(member_profiles.c.member_id)):
        found.setdefault(value, []).append(member)
    return found


def _identity(row: Any) -> Identity:
    return Identity._make((*row[:_METADATA], read_exact(row[_METADATA]), *row[_METADATA + 1 :]))
