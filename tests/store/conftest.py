"""Two databases for every store test: a SQLite file and a PostgreSQL database, both real and both new."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer, postgres_server
from ziggurat.store.database import Database
from ziggurat.store.repositories import organizations
from ziggurat.store.schema import migrate
from ziggurat.store.scope import Scope


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create()
    database = Database(postgres.url_of(name))
    migrate(database)
    database.dispose()
    yield name
    postgres.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two."""
    return str(request.param)


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a schema."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url_of(name)
    server.drop(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database."""
    if backend == "sqlite":
        file = tmp_path / "ziggurat.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(template=request.getfixturevalue("postgres_template"))
    yield server.url_of(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database without any organization."""
    opened = Database(database_url, synchronous="OFF", lock_timeout_ms=2_000)
    yield opened
    opened.dispose()


@pytest.fixture
def scope(database: Database) -> Scope:
    """An organization of its own."""
    with database.writing() as connection:
        return organizations.create(connection, "First", created_at=0).scope


@pytest.fixture
def other_scope(database: Database, scope: Scope) -> Scope:
    """Another organization."""
    with database.writing() as connection:
        return organizations.create(connection, "Second", created_at=0).scope
