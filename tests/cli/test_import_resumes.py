"""An import of events that is killed, or started twice, takes every row in once: rows without ids show it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import CLUB, ziggurat
from tests.store.conftest import backend, postgres
from tests.support.postgres import PostgresServer
from ziggurat import limits
from ziggurat.app.access.read_organization import find_organization
from ziggurat.app.context import Context
from ziggurat.app.events.import_events import ImportReport, import_events
from ziggurat.app.upkeep.verify_states import verify_states
from ziggurat.bulk.read_events import read_event_files
from ziggurat.store.database import Database
from ziggurat.store.schema import open_database

__all__ = ["backend", "postgres"]

STEPS = 4
ROWS = STEPS * limits.EVENTS_PER_REQUEST_MAX - 1_234


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("import") / "events.csv"
    with made.open("w") as out:
        out.write("member,type,occurred_at,points\n")
        for number in range(ROWS):
            day, member = number % 28 + 1, number % 997
            out.write(f"m{member},points.earned,2025-0{number % 9 + 1}-{day:02},{number % 50}\n")
    return made


@pytest.fixture
def database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new one; its `url` is what the command line is told."""
    if backend == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path / 'club.db'}")
        yield opened
        opened.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    opened = open_database(server.url_of(name))
    yield opened
    opened.dispose()
    server.drop(name)


def url_of(database: Database) -> str:
    driverless = "sqlite" if database.is_sqlite else "postgresql"
    return database.url.set(drivername=driverless).render_as_string(hide_password=False)


def events_in(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one())


def context_of(database: Database) -> Context:
    scope = find_organization(database, "default")
    assert scope is not None
    return Context(database, scope, "test", 1_800_000_000_000_000)


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_where_it_stopped(database: Database, file: Path) -> None:
    words = ["import", str(file), "--program", str(CLUB), "--database", url_of(database), "--json"]
    process = subprocess.Popen([sys.executable, "-m", "ziggurat", *words], stdout=subprocess.PIPE)
    while not events_in(database):
        assert process.poll() is None, "it ended before it was killed"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    there = events_in(database)
    assert 0 < there < ROWS
    assert there % limits.EVENTS_PER_REQUEST_MAX == 0

    said = json.loads(ziggurat(*words).stdout)
    assert (said["rows"], said["resumed"], said["accepted"]) == (ROWS, there, ROWS - there)
    assert events_in(database) == ROWS
    assert verify_states(context_of(database)).differences == ()
    assert json.loads(ziggurat(*words).stdout)["resumed"] == ROWS


def test_two_imports_of_the_same_file_share_the_work(database: Database, file: Path) -> None:
    ziggurat("keys", "create", "--database", url_of(database))
    table, _ = read_event_files([file])
    context = context_of(database)
    others: list[ImportReport] = []

    def beside(done: int, of: int) -> None:
        """After our first step, somebody else does all the rest."""
        assert of == ROWS
        if not others:
            others.append(import_events(context, table, "the same"))

    mine = import_events(context, table, "the same", progress=beside)
    (theirs,) = others
    assert (mine.results["accepted"], mine.resumed) == (limits.EVENTS_PER_REQUEST_MAX, theirs.results["accepted"])
    assert mine.results["accepted"] + theirs.results["accepted"] == ROWS == events_in(database)
