"""Whoever changes a program gets a turn, however many go on evaluating by it."""

import threading

import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from ziggurat.store.database import Database
from ziggurat.store.errors import DatabaseLockedError
from ziggurat.store.repositories import organizations, programs
from ziggurat.store.scope import Scope

_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = :here")
_HERE = text("SELECT oid FROM pg_database WHERE datname = current_database()")


def test_who_comes_after_one_that_waits_alone_waits_too(postgres: PostgresServer, postgres_template: str) -> None:
    name = postgres.create(template=postgres_template)
    database = Database(postgres.url_of(name), lock_timeout_ms=60_000)
    hasty = Database(postgres.url_of(name), lock_timeout_ms=50)
    with database.writing() as connection:
        scope = organizations.create(connection, "First", created_at=0).scope
        program = programs.create(connection, scope, "prg", "Club", created_at=0)
    changer = threading.Thread(target=_lock, args=(database, scope, program.id))
    with database.writing() as first:
        assert [row.id for row in programs.every(first, scope, hold=True)] == [program.id]
        with hasty.writing() as beside:
            assert len(programs.every(beside, scope, hold=True)) == 1
        changer.start()
        here = first.execute(_HERE).scalar_one()
        while not first.execute(_WAITING, {"here": here}).scalar_one():
            pass
        with pytest.raises(DatabaseLockedError), hasty.writing() as late:
            programs.every(late, scope, hold=True)
    changer.join()
    with hasty.writing() as after:
        assert len(programs.every(after, scope, hold=True)) == 1
    hasty.dispose()
    database.dispose()
    postgres.drop(name)


def _lock(database: Database, scope: Scope, program: int) -> None:
    with database.writing() as connection:
        programs.lock(connection, scope, program)
