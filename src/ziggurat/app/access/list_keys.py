"""List the organization's API keys."""

from __future__ import annotations

from ziggurat.app.access.views import KeyView
from ziggurat.app.context import Context
from ziggurat.store.repositories import keys


def list_keys(context: Context) -> tuple[KeyView, ...]:
    """Every key, oldest first, revoked ones too."""
    with context.database.reading() as connection:
        return tuple(key_view(key) for key in keys.every(connection, context.scope))


def key_view(key: keys.ApiKey) -> KeyView:
    """What is shown of `key`."""
    return KeyView(key.key_id, key.name, tuple(key.scopes), key.created_at, key.revoked_at, key.last_used_at)
