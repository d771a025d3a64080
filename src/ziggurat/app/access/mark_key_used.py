"""Write down that a key was used."""

from __future__ import annotations

from ziggurat.app.principal import Principal
from ziggurat.store.database import Database
from ziggurat.store.repositories import keys


def mark_key_used(database: Database, principal: Principal, now: int) -> None:
    """Remember `now` as the principal's key's last use; for doors to call now and then, not at every request."""
    database.write(lambda connection: keys.mark_used(connection, principal.scope, principal.key_id, now))
