"""Find out whom a secret belongs to."""

from __future__ import annotations

from contextlib import suppress

from ziggurat.app.principal import KeyScope, Principal
from ziggurat.store.database import Database
from ziggurat.store.errors import StoreError
from ziggurat.store.repositories import keys, organizations

_REMEMBER_EVERY_US = 60_000_000


def authenticate(database: Database, secret: str, now: int) -> Principal | None:
    """Whom `secret` belongs to; None if it is unknown or revoked."""
    with database.reading() as connection:
        key = keys.by_secret(connection, secret)
        name = organizations.get(connection, key.scope).name if key else ""
    return _admit(database, key, name, now)


def authenticate_pair(database: Database, key_id: str, secret: str, now: int, *, md5: bool = False) -> Principal | None:
    """The same for a key id and its secret, or with `md5` the MD5 of the secret in hexadecimal."""
    with database.reading() as connection:
        key = keys.by_id_and_secret(connection, key_id, secret)
        if key is not None and not md5:
            plain = keys.by_secret(connection, secret)
            key = plain if plain is not None and plain.key_id == key_id else None
        name = organizations.get(connection, key.scope).name if key else ""
    return _admit(database, key, name, now)


def _admit(database: Database, key: keys.ApiKey | None, organization: str, now: int) -> Principal | None:
    if key is None or key.revoked_at is not None:
        return None
    if key.last_used_at is None or now - key.last_used_at >= _REMEMBER_EVERY_US:
        with suppress(StoreError), database.writing() as connection:  # a courtesy: no request fails for it
            keys.mark_used(connection, key.scope, key.key_id, now)
    return Principal(key.scope, key.key_id, frozenset(map(KeyScope, key.scopes)), organization)
