"""The page's update and a member's way up and down, word for word alike on each database, in both dialects."""

from collections.abc import Callable

import pytest

from tests.http.conftest import Served
from tests.http.faces.voucherify.test_golden import DIALECTS, FOLDER, SCENES, Speaking
from tests.store.conftest import backend, database_url, postgres, postgres_template, sqlite_template

__all__ = ["backend", "database_url", "postgres", "postgres_template", "sqlite_template"]


@pytest.fixture
def served(serve_with: Callable[..., Served], database_url: str) -> Served:
    """Over either database."""
    return serve_with(database_url=database_url)


@pytest.mark.parametrize("dialect", list(DIALECTS))
@pytest.mark.parametrize("name", ["structures", "wallets_and_programs", "member"])
def test_either_database_answers_word_for_word_the_same(served: Served, name: str, dialect: str) -> None:
    golden = Speaking(served, dialect)

    SCENES[name](golden)

    golden.check(FOLDER / f"{name}.{dialect}.json")
