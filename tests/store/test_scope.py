"""Organizations are kept apart: by construction, and in what every repository answers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ziggurat.store import repositories
from ziggurat.store.scope import select_any_organization
from ziggurat.store.tables import members

FOLDER = Path(repositories.__file__).parent
UNSCOPED = {"select", "insert", "update", "delete", "text", "exec_driver_sql", "from_statement", "union", "union_all"}
ALLOWED = {
    "organizations.py": {"select", "insert", "update"},  # the organizations themselves
    "keys.py": {"insert"},  # says its organization
    "programs.py": {"select"},  # the advisory lock of an organization
    "webhooks.py": {"select"},  # an inner query, narrowed by scope.owns
}


def unscoped_uses(source: str) -> Iterator[tuple[int, str]]:
    """Every way in `source` to make a statement without a scope."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("sqlalchemy"):
                for alias in names:
                    if alias.name in UNSCOPED:
                        yield node.lineno, alias.name
            case ast.Import(names=names) if any(alias.name.startswith("sqlalchemy") for alias in names):
                yield node.lineno, "import"
            case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in UNSCOPED:
                if not (isinstance(owner, ast.Name) and owner.id == "scope"):
                    yield node.lineno, name


@pytest.mark.parametrize(
    "line",
    [
        "from sqlalchemy import select",
        "from sqlalchemy.dialects.postgresql import insert",
        "import sqlalchemy as sa",
        "events.select()",
        "tables.events.delete()",
        "connection.exec_driver_sql('')",
    ],
)
def test_a_statement_without_a_scope_would_be_noticed(line: str) -> None:
    assert list(unscoped_uses(line))


def test_every_repository_statement_is_made_by_a_scope() -> None:
    faults = [
        f"{file.name}:{line}: {what}; make it with scope.{what}(...)"
        for file in sorted(FOLDER.glob("*.py"))
        for line, what in unscoped_uses(file.read_text())
        if what not in ALLOWED.get(file.name, set())
    ]
    assert faults == []


def test_a_table_of_an_organization_cannot_be_read_without_one() -> None:
    with pytest.raises(ValueError, match="only read within an organization"):
        select_any_organization(members)
