"""What tests of use cases start from: a migrated database, an organization, and a context at a fixed instant."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.store.conftest import (
    backend,
    database,
    database_url,
    other_scope,
    postgres,
    postgres_template,
    scope,
    sqlite_template,
)
from ziggurat.app.context import Context
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Database
from ziggurat.store.scope import Scope

__all__ = [
    "backend",
    "database",
    "database_url",
    "other_scope",
    "postgres",
    "postgres_template",
    "scope",
    "sqlite_template",
]

At = Callable[[str], int]


@pytest.fixture
def at() -> At:
    """The instant that ISO 8601 text names, UTC unless it says otherwise."""
    return calendar("UTC").parse


@pytest.fixture
def context(database: Database, scope: Scope, at: At) -> Context:
    """The organization `First`, on 1 July 2025."""
    return Context(database, scope, "key:ann", at("2025-07-01"))


@pytest.fixture
def stranger(context: Context, other_scope: Scope) -> Context:
    """Another organization in the same database."""
    return replace(context, scope=other_scope, actor="key:eve")
