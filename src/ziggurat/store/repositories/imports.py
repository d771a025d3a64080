"""Imports of files into lists: how far each has come, and what was wrong with single rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.rows import OnConflict, write_rows
from ziggurat.store.scope import Scope
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import audience_import_faults, audience_imports
from ziggurat.store.tables.audiences import ImportMode, ImportState

KIND = "import"


class ImportRow(NamedTuple):
    """An import. `rows_done` records of the file have been placed, those that failed among them."""

    id: int
    public_id: str
    audience_id: int
    mode: ImportMode
    state: ImportState
    object_key: str
    checksum: str | None
    rows_total: int | None
    rows_done: int
    rows_failed: int
    members_created: int
    members_updated: int
    members_added: int
    error: str | None
    created_by: str
    created_at: int
    started_at: int | None
    finished_at: int | None
    version: int


class FaultRow(NamedTuple):
    """What is wrong with one record, counted from 1; `column_name` "" is all of it."""

    import_id: int
    record: int
    column_name: str
    code: str
    problem: str


_COLUMNS = columns_of(audience_imports, ImportRow)
_FAULTS = columns_of(audience_import_faults, FaultRow)


def create(connection: Connection, scope: Scope, row: ImportRow) -> ImportRow:
    """A new import; its `id` is given here."""
    made = row._replace(id=take_one(connection, scope, "work"))
    connection.execute(scope.insert(audience_imports).values(made._asdict()))
    return made


def get(connection: Connection, scope: Scope, public_id: str, *, lock: bool = False) -> ImportRow | None:
    """The import with that public id; with `lock` held until the transaction ends."""
    query = scope.select(audience_imports, *_COLUMNS).where(audience_imports.c.public_id == public_id)
    if lock and connection.dialect.name != "sqlite":
        query = query.with_for_update()
    return one_of(connection, query, ImportRow)


def save(connection: Connection, scope: Scope, row: ImportRow) -> ImportRow:
    """Store how far an import has come."""
    values = row._replace(version=row.version + 1)._asdict()
    del values["id"]
    connection.execute(scope.update(audience_imports).where(audience_imports.c.id == row.id).values(values))
    return row._replace(version=row.version + 1)


def page(
    connection: Connection, scope: Scope, audience_id: int, *, before: int | None = None, limit: int
) -> list[ImportRow]:
    """The newest `limit` imports into an audience, or those before one."""
    query = scope.select(audience_imports, *_COLUMNS).where(audience_imports.c.audience_id == audience_id)
    if before is not None:
        query = query.where(audience_imports.c.id < before)
    return all_of(connection, query.order_by(audience_imports.c.id.desc()).limit(limit), ImportRow)


def add_faults(connection: Connection, scope: Scope, faults: Sequence[FaultRow]) -> None:
    """Remember what is wrong with rows."""
    write_rows(connection, scope, audience_import_faults, FaultRow._fields, faults, OnConflict.IGNORE)


def faults_page(
    connection: Connection, scope: Scope, import_id: int, *, after: tuple[int, str] = (0, ""), limit: int
) -> list[FaultRow]:
    """The next `limit` faults of an import by record and column."""
    record, column = audience_import_faults.c.record, audience_import_faults.c.column_name
    later = (record > after[0]) | ((record == after[0]) & (column > after[1]))
    query = scope.select(audience_import_faults, *_FAULTS).where(audience_import_faults.c.import_id == import_id, later)
    return all_of(connection, query.order_by(record, column).limit(limit), FaultRow)
