"""Find out whom a secret belongs to. Only reads: `mark_key_used` writes down when a key was last used."""

from __future__ import annotations

from ziggurat.app.principal import KeyScope, Principal
from ziggurat.store.database import Database
from ziggurat.store.repositories import keys, organizations


def authenticate(database: Database, secret: str, now: int) -> Principal | None:  # noqa: ARG001 - keys may come to expire
    """Whom `secret` belongs to; None if it is unknown or revoked."""
    with database.reading() as connection:
        key = keys.by_secret(connection, secret)
        name = organizations.get(connection, key.scope).name if key else ""
    return _admit(key, name)


def authenticate_pair(
    database: Database,
    key_id: str,
    secret: str,
    now: int,  # noqa: ARG001 - keys may come to expire
    *,
    md5: bool = False,
) -> Principal | None:
    """The same for a key id and its secret, or with `md5` the MD5 of the secret in hexadecimal."""
    with database.reading() as connection:
        key = keys.by_id_and_secret(connection, key_id, secret)
        if key is not None and not md5:
            plain = keys.by_secret(connection, secret)
            key = plain if plain is not None and plain.key_id == key_id else None
        name = organizations.get(connection, key.scope).name if key else ""
    return _admit(key, name)


def _admit(key: keys.ApiKey | None, organization: str) -> Principal | None:
    if key is None or key.revoked_at is not None:
        return None
    return Principal(key.scope, key.key_id, frozenset(map(KeyScope, key.scopes)), organization)
