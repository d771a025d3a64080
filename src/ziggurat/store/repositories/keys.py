"""API keys. Only digests are kept: a secret is shown once, by whoever made it."""

from __future__ import annotations

from hashlib import md5, sha256
from typing import NamedTuple

from sqlalchemy import Connection, insert

from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope, select_any_organization
from ziggurat.store.tables import api_keys


class ApiKey(NamedTuple):
    """A key without its secret. `scopes` are `read`, `ingest`, `design`, `approve`, `admin`."""

    organization_id: int
    key_id: str
    name: str
    scopes: list[str]
    created_at: int
    revoked_at: int | None
    last_used_at: int | None

    @property
    def scope(self) -> Scope:
        """The organization that the key opens."""
        return Scope(self.organization_id)


_COLUMNS = columns_of(api_keys, ApiKey)


def digest(secret: str) -> bytes:
    """What is kept of `secret`. Secrets are long and random, so a plain digest cannot be turned back."""
    return sha256(secret.encode()).digest()


def create(connection: Connection, scope: Scope, key_id: str, secret: str, key: ApiKey) -> None:
    """Keep `key`, which answers to `secret`."""
    md5_text = md5(secret.encode(), usedforsecurity=False).hexdigest()
    connection.execute(
        insert(api_keys).values(
            **key._asdict() | {"organization_id": scope.organization_id, "key_id": key_id},
            secret_sha256=digest(secret),
            secret_md5_sha256=digest(md5_text),
        )
    )


def by_secret(connection: Connection, secret: str) -> ApiKey | None:
    """The key that `secret` belongs to, revoked or not."""
    found = select_any_organization(api_keys, *_COLUMNS).where(api_keys.c.secret_sha256 == digest(secret))
    return one_of(connection, found, ApiKey)


def by_id_and_secret(connection: Connection, key_id: str, secret: str) -> ApiKey | None:
    """The key `key_id`, if `secret` is its secret or the MD5 of it in hexadecimal (as some clients send)."""
    digested = digest(secret)
    found = select_any_organization(api_keys, *_COLUMNS).where(
        api_keys.c.key_id == key_id,
        (api_keys.c.secret_sha256 == digested) | (api_keys.c.secret_md5_sha256 == digested),
    )
    return one_of(connection, found, ApiKey)


def by_id(connection: Connection, key_id: str) -> tuple[ApiKey, bytes] | None:
    """The key `key_id` with the digest of its secret, revoked or not."""
    query = select_any_organization(api_keys, *_COLUMNS, api_keys.c.secret_sha256).where(api_keys.c.key_id == key_id)
    row = connection.execute(query).one_or_none()
    return (ApiKey(*row[:-1]), bytes(row[-1])) if row is not None else None


def every(connection: Connection, scope: Scope) -> list[ApiKey]:
    """The organization's keys, oldest first, revoked ones too."""
    query = scope.select(api_keys, *_COLUMNS).order_by(api_keys.c.created_at, api_keys.c.key_id)
    return all_of(connection, query, ApiKey)


def revoke(connection: Connection, scope: Scope, key_id: str, at: int) -> bool:
    """Make the key useless from now on; whether it was of use before."""
    statement = scope.update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=at)).rowcount == 1


def mark_used(connection: Connection, scope: Scope, key_id: str, at: int) -> None:
    """Remember when the key was last used; callers do so now and then, not at every request."""
    connection.execute(scope.update(api_keys).where(api_keys.c.key_id == key_id).values(last_used_at=at))
