"""The database that the service's commands work on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ziggurat.app.context import Context
    from ziggurat.store.database import Database

ACTOR = "cli"


def present() -> int:
    """The machine's clock, UTC microseconds."""
    return time.time_ns() // 1_000


@contextmanager
def opened(url: str | None, *, make: bool = True) -> Iterator[Database]:
    """The database at `url` (default: `ZIGGURAT_DATABASE_URL`, or a file here); a SQLite file is made and migrated.

    Without `make` a file has to be there: who asks what is in it has mistyped its name otherwise.

    Raises:
        StoreError: it is not there, or cannot be opened, or PostgreSQL has another schema (`ziggurat migrate`).
    """
    from ziggurat.http.settings import Settings
    from ziggurat.store.database import Database
    from ziggurat.store.errors import DatabaseGoneError
    from ziggurat.store.schema import migrate, open_database

    address = Settings.from_environment(database_url=url).database_url
    first = Database(address)
    file = Path(first.url.database or "")
    if first.is_sqlite and not make and not file.exists():
        raise DatabaseGoneError(f"there is no file {file}")
    try:
        if first.is_sqlite:
            migrate(first)
    finally:
        first.dispose()
    database = open_database(address)
    try:
        yield database
    finally:
        database.dispose()


def context_for(database: Database, organization: str, *, make: bool = False) -> Context:
    """Work in an organization, which is made if `make` and there is none of that name.

    Raises:
        NotFoundError: there is no such organization.
    """
    from ziggurat.app.access.create_organization import create_organization
    from ziggurat.app.access.read_organization import find_organization
    from ziggurat.app.context import Context
    from ziggurat.store.errors import NotFoundError

    scope = find_organization(database, organization)
    if scope is None and make:
        create_organization(database, organization, present(), ACTOR)
        scope = find_organization(database, organization)
    if scope is None:
        raise NotFoundError("organization", organization)
    return Context(database, scope, ACTOR, present())
