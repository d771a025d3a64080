"""Tokens that stand for a key for a while: what an OAuth client trades its key id and secret for.

Nothing is stored. A token names the key and when it ends, under a code that only the key's digest can make, so it is of
no use once the key is revoked.
"""

from __future__ import annotations

import hmac
import re

from ziggurat.app.principal import KeyScope, Principal
from ziggurat.store.database import Database
from ziggurat.store.repositories import keys, organizations

PREFIX = "zat_"
_TOKEN = re.compile(r"zat_([!-~]{1,64})\.([0-9]{1,16})\.([0-9a-f]{64})")
_SECOND = 1_000_000


def issue_access_token(key_id: str, secret: str, expires_at: int) -> str:
    """A token for a key whose secret has been proven, good until `expires_at` (UTC microseconds, cut to the second)."""
    seconds = expires_at // _SECOND
    return f"{PREFIX}{key_id}.{seconds}.{_code(keys.digest(secret), key_id, seconds)}"


def token_ends(token: str) -> int | None:
    """When a token ends, in seconds since 1970; None if it is none."""
    found = _TOKEN.fullmatch(token)
    return int(found[2]) if found else None


def authenticate_token(database: Database, token: str, now: int) -> Principal | None:
    """Whom `token` stands for; None if it is over, or was not made by us for a key that is in force."""
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[2]) * _SECOND <= now:
        return None
    with database.reading() as connection:
        known = keys.by_id(connection, found[1])
        if known is None:
            return None
        key, digest = known
        name = organizations.get(connection, key.scope).name
    good = hmac.compare_digest(found[3], _code(digest, found[1], int(found[2])))
    if not good or key.revoked_at is not None:
        return None
    return Principal(key.scope, key.key_id, frozenset(map(KeyScope, key.scopes)), name)


def _code(digest: bytes, key_id: str, seconds: int) -> str:
    return hmac.new(digest, f"ziggurat access token {key_id}.{seconds}".encode(), "sha256").hexdigest()
