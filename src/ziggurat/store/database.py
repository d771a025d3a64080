"""Opening a database, and the two ways to use it: a write transaction and a consistent read.

SQLite is one file in WAL mode with one writer at a time (`BEGIN IMMEDIATE`), PostgreSQL is reached through psycopg 3.
Why the settings are as they are: docs/decisions/0015.
"""

from __future__ import annotations

import copy
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL

from ziggurat import limits
from ziggurat.store.errors import (
    DatabaseFullError,
    DatabaseGoneError,
    DatabaseReadOnlyError,
    InvalidDatabaseURLError,
    StoreError,
)
from ziggurat.store.failures import store_error_of, worth_another_try
from ziggurat.store.line import Line

__all__ = ["Connection", "Database"]

T = TypeVar("T")

_WRITING = "ziggurat_writing"


class Database:
    """A database and its pool of connections; safe to share between threads, not between processes.

    `url` is `sqlite:///relative/file`, `sqlite:////absolute/file` or `postgresql://user:password@host/name`.
    `synchronous` is SQLite's: FULL keeps what was answered through a power loss, NORMAL only through a killed process.

    Raises:
        InvalidDatabaseURLError: `url` names neither.
        DatabaseGoneError: the folder of the SQLite file is not there and cannot be made.
    """

    def __init__(
        self,
        url: str,
        *,
        connections_max: int = limits.DATABASE_CONNECTIONS_MAX,
        lock_timeout_ms: int = limits.LOCK_TIMEOUT_MS,
        statement_timeout_ms: int = limits.STATEMENT_TIMEOUT_MS,
        synchronous: str = "FULL",
    ) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._path = self.url.database or "" if self.is_sqlite else ""
        self._file: tuple[int, int] | None = None
        self._rider: Callable[[Connection], None] | None = None
        self._line = Line() if self.is_sqlite else None
        self._patience_s = lock_timeout_ms / 1000
        self._refused: list[StoreError] = []
        options: dict[str, Any] = {
            "pool_size": connections_max,
            "max_overflow": 0,
            "pool_timeout": lock_timeout_ms / 1000,
            "hide_parameters": True,
        }
        if self.is_sqlite:
            _make_folder(Path(self._path).parent)
            options["connect_args"] = {"check_same_thread": False, "timeout": lock_timeout_ms / 1000}
        else:
            settings = f"-c lock_timeout={lock_timeout_ms} -c statement_timeout={statement_timeout_ms} -c timezone=UTC"
            options["connect_args"] = {"options": settings, "connect_timeout": 10, "prepare_threshold": 2}
            options["pool_pre_ping"] = True
        self.engine: Engine = create_engine(self.url, **options)
        self._reader = self.engine
        if self.is_sqlite:
            _prepare_sqlite(self.engine, synchronous)
        else:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self.engine.execution_options(**{_WRITING: True})

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction: committed when the block ends, rolled back when it raises.

        Raises:
            StoreError: the database could not; nothing of the transaction remains.
        """
        turn = nullcontext() if self._line is None else self._line.turn(self._patience_s)
        try:
            with turn, self._use(self._writer) as connection:
                yield connection
                if self._rider is not None:
                    self._rider(connection)
        except (DatabaseFullError, DatabaseReadOnlyError) as error:
            self._refused[:] = [error]
            raise
        self._refused.clear()

    @property
    def refusal(self) -> StoreError | None:
        """Why the last write was not taken, if that was for want of room or because nothing may be written."""
        return next(iter(self._refused), None)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent picture of the database for as long as the block lasts.

        Raises:
            StoreError: the database could not.
        """
        with self._use(self._reader) as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Any]:
        """The driver's own connection, without a transaction: each SELECT sees a picture of its own.

        Raises:
            StoreError: the database could not.
        """
        try:
            pooled = self.engine.raw_connection()
            raw: Any = pooled.driver_connection
            try:
                if not self.is_sqlite:
                    raw.autocommit = True
                yield raw
            finally:
                if not self.is_sqlite and not raw.closed:
                    raw.autocommit = False
                pooled.close()
        except (exc.SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
            raise store_error_of(error, self._path) from error

    def write(self, work: Callable[[Connection], T], attempts: int = limits.TRANSACTION_ATTEMPTS_MAX) -> T:
        """What `work` makes in one write transaction; done again, from the start, when other writers were in the way.

        `work` must have no effect outside of the transaction.
        """
        for attempt in range(1, attempts + 1):
            try:
                with self.writing() as connection:
                    return work(connection)
            except Exception as error:
                if attempt == attempts or not worth_another_try(error):
                    raise
        raise AssertionError("at least one attempt is made")

    def riding(self, rider: Callable[[Connection], None]) -> Database:
        """This database, with `rider` done at the end of each write transaction, in it: both come true or neither."""
        ridden = copy.copy(self)
        ridden._rider = rider  # noqa: SLF001 - one of us
        return ridden

    def dispose(self) -> None:
        """Close every pooled connection; needed before a fork, and when done."""
        self.engine.dispose()

    def _require_same_file(self) -> None:
        """SQLite goes on writing to a file that was deleted or replaced, and all of that would be lost.

        A file in its place (a backup, say) is opened anew.
        """
        try:
            found = os.stat(self.url.database or "")  # noqa: PTH116 - asked for each transaction
        except OSError as error:
            if self._file is None:
                return  # it is about to be made
            raise DatabaseGoneError(f"the file of the database: {error.strerror}") from None
        identity = found.st_dev, found.st_ino
        if self._file not in (None, identity):
            self.engine.dispose()
        self._file = identity

    @contextmanager
    def _use(self, engine: Engine) -> Iterator[Connection]:
        if self.is_sqlite:
            self._require_same_file()
        try:
            with engine.begin() as connection:
                yield connection
        except (exc.SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
            raise store_error_of(error, self._path) from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise InvalidDatabaseURLError("a database is sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+pysqlite")
    raise InvalidDatabaseURLError(
        f"{backend} is neither a SQLite file (sqlite:///FILE) nor PostgreSQL (postgresql://...)"
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseGoneError(f"{folder}: the folder cannot be made: {error.strerror}") from None


def _prepare_sqlite(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def settings(dbapi_connection: Any, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy's signature
        dbapi_connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            f"cache_size = -{limits.SQLITE_CACHE_KIB}",
            f"wal_autocheckpoint = {limits.SQLITE_CHECKPOINT_PAGES}",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
