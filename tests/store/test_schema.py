"""The migrations make exactly the tables, on both databases, and a database that does not fit is refused."""

import ast
import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ziggurat.store import migrations, schema
from ziggurat.store.database import Database
from ziggurat.store.errors import SchemaNewerError, SchemaOlderError
from ziggurat.store.repositories import states, transitions
from ziggurat.store.repositories.states import MemberState
from ziggurat.store.schema import (
    SchemaState,
    alembic_config,
    migrate,
    open_database,
    require_current_schema,
    schema_state,
)
from ziggurat.store.scope import Scope
from ziggurat.store.tables import metadata

DEFINITIONS = {
    "sqlite": ["SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'"],
    "postgresql": [
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        """SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass""",
        """SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
        "SELECT sequence_name, data_type FROM information_schema.sequences",
    ],
}


def everything_defined(database: Database) -> list[tuple[str, ...]]:
    """All that the database says of its tables; as sorted words, since the order of constraints is free."""
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
        return sorted(
            tuple(" ".join(sorted(re.split(r"[\s,]+", str(value)))) for value in row)
            for query in DEFINITIONS[connection.dialect.name]
            for row in connection.execute(text(query))
        )


def test_the_migrations_end_at_exactly_the_tables(empty_database_url: str, database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    direct = Database(empty_database_url)
    with direct.writing() as connection:
        metadata.create_all(connection)
    assert everything_defined(direct) == everything_defined(database)
    direct.dispose()


def test_every_migration_file_is_in_the_list_of_revisions() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    revisions = []
    for file in files:
        for node in ast.parse(file.read_text()).body:
            match node:
                case ast.Assign(targets=[ast.Name(id="revision")], value=ast.Constant(value=revision)):
                    revisions.append(revision)
    assert tuple(revisions) == schema.REVISIONS


def test_an_empty_database_is_given_its_schema_and_then_is_current(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert schema_state(database) is SchemaState.EMPTY
    with pytest.raises(SchemaOlderError):
        require_current_schema(database)
    assert migrate(database)
    assert schema_state(database) is SchemaState.CURRENT
    assert not migrate(database)
    database.dispose()
    open_database(empty_database_url).dispose()


def test_opening_an_empty_database_migrates_it(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    assert schema_state(database) is SchemaState.CURRENT
    database.dispose()


@pytest.mark.parametrize(("revision", "error"), [("9999", SchemaNewerError), ("0000x", SchemaNewerError)])
def test_a_schema_of_another_version_is_refused(
    database: Database, database_url: str, revision: str, error: type[Exception]
) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    with pytest.raises(error):
        open_database(database_url)
    with pytest.raises(error):
        migrate(database)


def test_an_older_schema_is_refused_until_migrated(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "later"))
    monkeypatch.setattr(schema, "LATEST", "later")
    with pytest.raises(SchemaOlderError) as refusal:
        open_database(database_url)
    assert refusal.value.code == "schema_older"


def test_states_and_moves_of_an_older_database_are_shown_as_before(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    move = "1, 7, 5, {}, 0, 3, 'joined', 'event', -1, NULL, {}, '{}', 1, 1, NULL, 1, 3, {}, NULL"
    move = f"INSERT INTO transitions VALUES ({move})"
    with database.writing() as connection:
        command.upgrade(alembic_config(connection), "0003")
        for statement in (
            "INSERT INTO programs VALUES (1, 5, 'prg', 'Club', 'active', 1, 1, '{}', 0, 0, 1)",
            "INSERT INTO member_states VALUES (1, 7, 5, 2, 'gold', 3, 9, NULL, 9, 70, 1, 11, 8, 1, NULL)",
            move.format(1, 1, "silver", "FALSE, 4"),
            move.format(2, 2, "gold", "TRUE, NULL"),
        ):
            connection.execute(text(statement))
    assert migrate(database)
    scope = Scope(1)
    with database.reading() as connection:
        (state,) = states.of_member(connection, scope, 7)
        (shown,) = transitions.of_member(connection, scope, 7, 5)
        both = transitions.of_member(connection, scope, 7, 5, superseded=True)
    assert state == MemberState(7, 5, 2, "gold", 3, 9, None, 9, 70, 1, 11, 8, 1)
    assert (shown.to_key, shown.superseded_at) == ("gold", None)
    assert [(each.to_key, each.superseded_at) for each in both] == [("silver", 4), ("gold", None)]
    database.dispose()
