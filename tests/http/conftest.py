"""An application over a new SQLite file, a clock that stands still until it is moved, and clients with keys."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.principal import ALL_SCOPES, KeyScope
from ziggurat.http.application import create_app
from ziggurat.http.service import Service
from ziggurat.http.settings import Settings
from ziggurat.store.database import Database
from ziggurat.store.schema import migrate

START = 1_751_371_200_000_000
"""2025-07-01T12:00:00Z"""
SECOND = 1_000_000


@dataclass
class StandingClock:
    """The present, moved by hand."""

    now: int = START

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        self.now += seconds * SECOND


@dataclass
class Served:
    """An application, its clock, and clients for it."""

    app: FastAPI
    clock: StandingClock
    clients: list[TestClient] = field(default_factory=list)

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    def secret(self, organization: str = "first", scopes: frozenset[KeyScope] = ALL_SCOPES) -> str:
        made = create_first_key(self.service.database, self.clock(), organization=organization, scopes=scopes)
        return made.secret

    def client(self, organization: str = "first", scopes: frozenset[KeyScope] = ALL_SCOPES) -> TestClient:
        """A client with a new key of its own."""
        return self.with_headers({"authorization": f"Bearer {self.secret(organization, scopes)}"})

    def anonymous(self) -> TestClient:
        return self.with_headers({})

    def with_headers(self, headers: dict[str, str]) -> TestClient:
        client = TestClient(self.app, raise_server_exceptions=False, headers=headers)
        self.clients.append(client)
        return client


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("http") / "template.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.dispose()
    return file


@pytest.fixture
def serve_with(sqlite_file: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Makes applications, each over a database of its own."""
    made: list[Served] = []

    def serve(**settings: Any) -> Served:
        file = tmp_path / f"ziggurat{len(made)}.db"
        shutil.copy(sqlite_file, file)
        clock = StandingClock()
        usual = {
            "database_url": f"sqlite:///{file}",
            "sqlite_synchronous": "NORMAL",
            "objects": str(tmp_path / "files"),
        }
        chosen = Settings(**{**usual, **settings})
        made.append(Served(create_app(chosen, clock), clock))
        return made[-1]

    yield serve
    for served in made:
        for client in served.clients:
            client.close()
        served.service.database.dispose()


@pytest.fixture
def served(serve_with: Callable[..., Served]) -> Served:
    return serve_with()


@pytest.fixture
def client(served: Served) -> TestClient:
    """A client that may do everything in its organization."""
    return served.client()
