"""Which schema a database has, and bringing it up to date.

Alembic is only imported when there is something to migrate: asking is quick.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from ziggurat.store.database import Database
from ziggurat.store.errors import SchemaNewerError, SchemaOlderError

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every migration, oldest first; a test compares with the files."""
LATEST = REVISIONS[-1]

_MIGRATION_LOCK = 0x5A49_4747  # PostgreSQL advisory lock: one migrating process at a time


class SchemaState(StrEnum):
    """How a database's schema compares with what this version reads."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def schema_revision(connection: Connection) -> str | None:
    """The revision of the database, None when it has no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def schema_state(database: Database) -> SchemaState:
    """How the schema of `database` compares with what this version reads."""
    with database.reading() as connection:
        return _state_of(schema_revision(connection))


def require_current_schema(database: Database) -> None:
    """Refuse a database that this version cannot work on.

    Raises:
        SchemaOlderError: it is empty or wants migrating.
        SchemaNewerError: a newer version has migrated it.
    """
    with database.reading() as connection:
        found = schema_revision(connection)
    match _state_of(found):
        case SchemaState.EMPTY | SchemaState.OLDER:
            raise SchemaOlderError(found or "none", LATEST)
        case SchemaState.NEWER:
            raise SchemaNewerError(found or "", LATEST)


def migrate(database: Database) -> bool:
    """Bring `database` to the latest schema, in one transaction; whether there was anything to do.

    Raises:
        SchemaNewerError: a newer version has migrated it.
    """
    if schema_state(database) is SchemaState.CURRENT:
        return False
    from alembic import command  # noqa: PLC0415 - slow to import, rarely needed

    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        found = schema_revision(connection)
        if _state_of(found) is SchemaState.NEWER:
            raise SchemaNewerError(found or "", LATEST)
        command.upgrade(alembic_config(connection), "head")
    return True


def open_database(url: str, **options: Any) -> Database:
    """The database at `url`, ready to use: an empty one (a new SQLite file, say) is given its schema.

    Raises:
        SchemaOlderError: it wants migrating, which is for `ziggurat migrate` to do.
        SchemaNewerError: a newer version has migrated it.
        StoreError: it cannot be opened.
    """
    database = Database(url, **options)
    try:
        if schema_state(database) is SchemaState.EMPTY:
            migrate(database)
        require_current_schema(database)
    except BaseException:
        database.dispose()
        raise
    return database


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration for migrating over `connection`."""
    from alembic.config import Config  # noqa: PLC0415 - slow to import, rarely needed

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _state_of(found: str | None) -> SchemaState:
    if found is None:
        return SchemaState.EMPTY
    if found == LATEST:
        return SchemaState.CURRENT
    return SchemaState.OLDER if found in REVISIONS else SchemaState.NEWER
