"""Whether a database can be written to at all, asked without writing as long as nothing speaks against it."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection

from ziggurat import limits
from ziggurat.store.database import Database
from ziggurat.store.errors import DatabaseLockedError

_TOUCH = "UPDATE alembic_version SET version_num = version_num"


def require_writable(database: Database) -> None:
    """Nothing, if the last write was taken and there is room on the disk; else a small write is tried.

    Raises:
        DatabaseFullError: there is no room, or a quota is reached.
        DatabaseReadOnlyError: it takes no writes.
        StoreError: the database could not.
    """
    refusal, is_short = database.refusal, _is_room_short(database)
    if refusal is None and not is_short:
        return
    if refusal is not None and is_short:
        raise refusal
    try:
        with database.writing() as connection:
            _try(connection)
    except DatabaseLockedError:
        if refusal is not None:
            raise refusal from None


def _try(connection: Connection) -> None:
    """Take up room and give it back, and write what is there already."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("SAVEPOINT room")
        connection.exec_driver_sql("CREATE TABLE room (taken BLOB)")
        connection.exec_driver_sql("INSERT INTO room VALUES (zeroblob(?))", (limits.DISK_ROOM_BYTES_MIN,))
        connection.exec_driver_sql("ROLLBACK TO room")
    connection.exec_driver_sql(_TOUCH)


def _is_room_short(database: Database) -> bool:
    if not database.is_sqlite:
        return False
    try:
        disk = os.statvfs(Path(database.url.database or "").parent)
    except OSError:
        return False  # reading has more to say about it
    return disk.f_bavail * disk.f_frsize < limits.DISK_ROOM_BYTES_MIN
