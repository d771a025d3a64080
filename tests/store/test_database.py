"""Transactions are whole or not at all, and every way a database can fail has its own error."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import (
    ConcurrentChangeError,
    DatabaseFullError,
    DatabaseGoneError,
    DatabaseLockedError,
    DatabaseReadOnlyError,
    InvalidDatabaseURLError,
    StatementTimeoutError,
    StoreError,
)
from ziggurat.store.repositories import members, organizations
from ziggurat.store.schema import open_database
from ziggurat.store.scope import Scope


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://a/b", "file.db", "postgresql"])
def test_an_address_of_no_database_we_speak_is_refused(url: str) -> None:
    with pytest.raises(InvalidDatabaseURLError):
        Database(url)


def test_a_failed_transaction_leaves_nothing(database: Database, scope: Scope) -> None:
    def fail(connection: Connection) -> None:
        members.ensure(connection, scope, ["ann"], created_at=0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(fail)
    with database.reading() as connection:
        assert members.get(connection, scope, "ann") is None


def test_a_reader_sees_one_picture_while_others_write(database: Database, scope: Scope) -> None:
    with database.reading() as reader:
        assert members.page(reader, scope, limit=9) == []
        with database.writing() as writer:
            members.ensure(writer, scope, ["ann"], created_at=0)
        assert members.page(reader, scope, limit=9) == []
    with database.reading() as reader:
        assert [member.external_id for member in members.page(reader, scope, limit=9)] == ["ann"]


def test_a_locked_member_keeps_other_writers_waiting_until_they_give_up(database_url: str, scope: Scope) -> None:
    holder = Database(database_url)
    waiter = Database(database_url, lock_timeout_ms=50)
    with holder.writing() as connection:
        members.ensure(connection, scope, ["ann"], created_at=0)
    with holder.writing() as connection:
        members.ensure(connection, scope, ["ann"], created_at=0)
        with pytest.raises(DatabaseLockedError), waiter.writing() as other:
            members.ensure(other, scope, ["ann"], created_at=0)
    with waiter.writing() as other:
        assert list(members.ensure(other, scope, ["ann"], created_at=0)) == ["ann"]
    holder.dispose()
    waiter.dispose()


def test_writers_on_the_same_members_take_turns(database: Database, scope: Scope) -> None:
    """Each adds one to a member's attribute, many times, in different orders: none is lost."""
    names = [f"m{n}" for n in range(5)]
    with database.writing() as connection:
        members.ensure(connection, scope, names, created_at=0)

    def add(order: list[str]) -> None:
        for _ in range(10):
            with database.writing() as connection:
                for member in members.ensure(connection, scope, order, created_at=0).values():
                    n = member.attributes.get("n", 0)
                    members.save(connection, scope, member._replace(attributes={"n": n + 1}))

    threads = [threading.Thread(target=add, args=[names[k:] + names[:k]]) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert {member.attributes["n"] for member in members.page(connection, scope, limit=9)} == {40}


def test_work_that_others_were_in_the_way_of_is_done_again_from_the_start(database: Database) -> None:
    tries = []

    def work(connection: object) -> str:
        tries.append(connection)
        if len(tries) < 3:
            raise ConcurrentChangeError
        return "done"

    def fail(connection: object) -> None:
        tries.append(connection)
        raise StoreError

    assert database.write(work) == "done"
    with pytest.raises(StoreError):
        database.write(fail)
    assert len(tries) == 3 + 1


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("These are notes, not a database. " * 100)
    with pytest.raises(DatabaseGoneError):
        open_database(f"sqlite:///{file}")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseGoneError):
        open_database(f"sqlite:///{tmp_path}")


def test_a_full_disk_is_said_to_be_full_and_leaves_the_database_whole(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'small.db'}", connections_max=1)
    with database.writing() as connection:
        scope = organizations.create(connection, "First", created_at=0).scope
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DatabaseFullError), database.writing() as connection:
        members.ensure(connection, scope, [f"m{n}" for n in range(5_000)], created_at=0)
    with database.writing() as connection:
        assert members.page(connection, scope, limit=1) == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.dispose()


def test_a_database_that_is_gone_is_said_to_be_unreachable_and_found_again(postgres: PostgresServer) -> None:
    name = postgres.create()
    database = open_database(postgres.url_of(name))
    postgres.drop(name)
    with pytest.raises(DatabaseGoneError), database.reading() as connection:
        organizations.every(connection)
    database.dispose()
    with pytest.raises(DatabaseGoneError):
        open_database("postgresql://nobody@127.0.0.1:1/none")


def test_connections_cut_by_the_server_are_replaced(postgres: PostgresServer) -> None:
    name = postgres.create()
    database = open_database(postgres.url_of(name))
    with pytest.raises(DatabaseGoneError), database.reading() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with database.reading() as connection:
        assert organizations.every(connection) == []
    database.dispose()
    postgres.drop(name)


def test_a_statement_that_takes_too_long_is_stopped(postgres: PostgresServer) -> None:
    name = postgres.create()
    database = Database(postgres.url_of(name), statement_timeout_ms=20)
    with pytest.raises(StatementTimeoutError), database.reading() as connection:
        connection.execute(text("SELECT count(*) FROM generate_series(1, 1000000000)"))
    database.dispose()
    postgres.drop(name)


def test_a_database_that_may_only_be_read_says_so(database: Database) -> None:
    def write(connection: Connection) -> None:
        setting = "PRAGMA query_only = ON" if database.is_sqlite else "SET TRANSACTION READ ONLY"
        connection.execute(text(setting))
        organizations.create(connection, "Third", created_at=0)

    with pytest.raises(DatabaseReadOnlyError):
        database.write(write)
    database.dispose()  # the setting stays with the connection


def test_a_sqlite_file_is_in_wal_mode_and_written_through_by_default(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'ziggurat.db'}")
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    database.dispose()
    assert (tmp_path / "new" / "ziggurat.db").is_file()
    assert sqlite3.sqlite_version_info >= (3, 35)
