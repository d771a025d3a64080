"""Make a key from the command line, which has none yet, and its organization if need be."""

from __future__ import annotations

from collections.abc import Iterable

from ziggurat.app.access.create_key import create_key
from ziggurat.app.access.create_organization import create_organization
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.access.views import CreatedKey
from ziggurat.app.context import Context
from ziggurat.app.principal import ALL_SCOPES, KeyScope
from ziggurat.store.database import Database

DEFAULT_ORGANIZATION = "default"


def create_first_key(
    database: Database,
    now: int,
    *,
    organization: str = DEFAULT_ORGANIZATION,
    name: str = "cli",
    scopes: Iterable[KeyScope] = ALL_SCOPES,
    actor: str = "cli",
) -> CreatedKey:
    """A key for the organization of that name, which is made if there is none: what `ziggurat keys create` does."""
    scope = find_organization(database, organization)
    if scope is None:
        create_organization(database, organization, now, actor)
        scope = find_organization(database, organization)
        assert scope is not None, "it was just made"
    return create_key(Context(database, scope, actor, now), name, scopes)
