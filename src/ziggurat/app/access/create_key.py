"""Make an API key. The secret is shown once: only digests are kept."""

from __future__ import annotations

from collections.abc import Iterable

from ziggurat.app.access.list_keys import key_view
from ziggurat.app.access.views import CreatedKey
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.check_texts import require_name
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.principal import KeyScope
from ziggurat.app.public_ids import new_id, new_secret
from ziggurat.store.database import Connection
from ziggurat.store.repositories import keys


def create_key(context: Context, name: str, scopes: Iterable[KeyScope]) -> CreatedKey:
    """A new key that may do what `scopes` say.

    Raises:
        InvalidRequestError: no scopes, or a name that cannot be kept.
    """
    name = require_name("name", name)
    wanted = sorted(set(scopes), key=list(KeyScope).index)
    if not wanted:
        raise InvalidRequestError("scopes", "must name at least one")
    key_id, secret = new_id("key"), new_secret()

    def work(connection: Connection) -> CreatedKey:
        said = [str(scope) for scope in wanted]
        key = keys.ApiKey(context.scope.organization_id, key_id, name, said, context.now, None, None)
        keys.create(connection, context.scope, key_id, secret, key)
        record(connection, context, "key.created", f"key:{key_id}", name=name, scopes=said)
        return CreatedKey(key_view(key), secret)

    return context.database.write(work)
