"""Which failure of a driver is which of our errors."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy import exc

from ziggurat.store.errors import (
    ConcurrentChangeError,
    DatabaseFullError,
    DatabaseGoneError,
    DatabaseLockedError,
    DatabaseReadOnlyError,
    StatementTimeoutError,
    StoreError,
)

_SQLITE = {
    sqlite3.SQLITE_BUSY: DatabaseLockedError,
    sqlite3.SQLITE_LOCKED: DatabaseLockedError,
    sqlite3.SQLITE_FULL: DatabaseFullError,
    sqlite3.SQLITE_READONLY: DatabaseReadOnlyError,
    sqlite3.SQLITE_CANTOPEN: DatabaseGoneError,
    sqlite3.SQLITE_IOERR: DatabaseGoneError,
    sqlite3.SQLITE_CORRUPT: DatabaseGoneError,
    sqlite3.SQLITE_NOTADB: DatabaseGoneError,
}
_SQLITE_EXACTLY = {
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseFullError,  # no room for the index of the log
}
_POSTGRES = {
    "40001": ConcurrentChangeError,  # serialization failure
    "40P01": ConcurrentChangeError,  # deadlock
    "55P03": DatabaseLockedError,  # lock timeout
    "57014": StatementTimeoutError,
    "25006": DatabaseReadOnlyError,
    "53300": DatabaseGoneError,  # too many connections
}
_POSTGRES_CLASSES = {
    "08": DatabaseGoneError,  # connection
    "3D": DatabaseGoneError,  # no such database
    "28": DatabaseGoneError,  # not let in
    "53": DatabaseFullError,  # disk, memory
    "57": DatabaseGoneError,  # shut down
    "58": DatabaseGoneError,  # system
}


def store_error_of(error: Exception, file: str = "") -> StoreError:
    """`error` of SQLAlchemy or a driver as one of ours; parameters never go into its message.

    file: what SQLite works on; its messages do not say.
    """
    if isinstance(error, exc.TimeoutError):
        return DatabaseLockedError("every connection to the database is taken")
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        kind = None if code is None else _SQLITE_EXACTLY.get(code) or _SQLITE.get(code & 0xFF)
        if kind is None and "unable to open" in str(cause):
            kind = DatabaseGoneError
        return (kind or StoreError)(f"{file}: {cause}" if file else str(cause))
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate
        if state is None:  # the server did not get to answer
            gone = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
            return (DatabaseGoneError if gone else StoreError)(str(cause).strip())
        found = _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2]) or StoreError
        return found(cause.diag.message_primary or state)
    return StoreError(str(cause))


def worth_another_try(error: Exception) -> bool:
    """Whether the same transaction, done again from the start, may well succeed."""
    return isinstance(error, ConcurrentChangeError)
