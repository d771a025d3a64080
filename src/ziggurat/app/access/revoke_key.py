"""Make an API key useless from now on."""

from __future__ import annotations

from ziggurat.app.access.list_keys import key_view
from ziggurat.app.access.views import KeyView
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import keys


def revoke_key(context: Context, key_id: str) -> KeyView:
    """The key, revoked; one that is revoked already stays as it is.

    Raises:
        NotFoundError: the organization has no such key.
    """

    def work(connection: Connection) -> KeyView:
        if keys.revoke(connection, context.scope, key_id, context.now):
            record(connection, context, "key.revoked", f"key:{key_id}")
        found = next((key for key in keys.every(connection, context.scope) if key.key_id == key_id), None)
        if found is None:
            raise NotFoundError("key", key_id)
        return key_view(found)

    return context.database.write(work)
