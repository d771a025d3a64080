"""Imports of files into lists: made, given their file, looked at."""

from __future__ import annotations

from hashlib import sha256

from ziggurat import limits
from ziggurat.app.audiences.audience_views import ImportFaultView, ImportView
from ziggurat.app.audiences.change_list import require_list
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.load_audiences import load_audience
from ziggurat.app.pages import Page, Position
from ziggurat.app.public_ids import new_id
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.objects import Objects, ObjectTooLargeError, Readable
from ziggurat.store.repositories import audiences, imports, jobs
from ziggurat.store.repositories.imports import ImportRow
from ziggurat.store.tables.audiences import ImportMode, ImportState

IMPORT_JOB = "audience_import"
_BLOCK = 1 << 20


def create_import(context: Context, audience: str, mode: ImportMode = ImportMode.UPDATE) -> ImportView:
    """A new import into the list `audience`, waiting for its file.

    Raises:
        NotFoundError: there is no such audience, or it is archived.
        WrongStateError: its members follow from rules, or come from elsewhere.
    """
    public_id = new_id("imp")

    def work(connection: Connection) -> ImportView:
        audience_row = require_list(connection, context, audience)
        row = ImportRow(
            id=0,
            public_id=public_id,
            audience_id=audience_row.id,
            mode=mode,
            state=ImportState.WAITING,
            object_key=f"imports/{audience}/{public_id}.csv",
            checksum=None,
            rows_total=None,
            rows_done=0,
            rows_failed=0,
            members_created=0,
            members_updated=0,
            members_added=0,
            error=None,
            created_by=context.actor,
            created_at=context.now,
            started_at=None,
            finished_at=None,
            version=1,
        )
        made = imports.create(connection, context.scope, row)
        record(connection, context, "import.created", f"import:{public_id}", audience=audience, mode=str(mode))
        return import_view(made, audience)

    return context.database.write(work)


def upload_import(context: Context, objects: Objects, import_id: str, source: Readable) -> ImportView:
    """Keep the file of an import, and have it read in the background.

    Raises:
        NotFoundError: there is no such import.
        WrongStateError: it has its file already.
        ObjectTooLargeError: more than `limits.IMPORT_BYTES_MAX` bytes.
        ObjectsUnavailableError: the place for files is not.
    """
    with context.database.reading() as connection:
        row = _waiting(connection, context, import_id)
    objects.put(row.object_key, source, limits.IMPORT_BYTES_MAX)
    return start_import(context, objects, import_id)


def start_import(context: Context, objects: Objects, import_id: str) -> ImportView:
    """Have the file of an import read, which has been put where it belongs.

    Raises:
        NotFoundError: there is no such import, or no file yet.
        WrongStateError: it was started before.
        ObjectTooLargeError: more than `limits.IMPORT_BYTES_MAX` bytes; they are deleted.
    """
    begin_profiles(context)
    with context.database.reading() as connection:
        row = _waiting(connection, context, import_id)
    size = objects.size(row.object_key)
    if size is None:
        raise NotFoundError("file of import", import_id)
    if size > limits.IMPORT_BYTES_MAX:  # it was put into the bucket past us
        objects.delete(row.object_key)
        raise ObjectTooLargeError(limits.IMPORT_BYTES_MAX)
    digest = sha256()
    with objects.opened(row.object_key) as source:
        while block := source.read(_BLOCK):
            digest.update(block)

    def work(connection: Connection) -> ImportView:
        waiting = _waiting(connection, context, import_id, lock=True)
        pending = waiting._replace(state=ImportState.PENDING, checksum=digest.hexdigest())
        saved = imports.save(connection, context.scope, pending)
        parameters = {"import": import_id}
        jobs.create(connection, context.scope, new_id("job"), IMPORT_JOB, parameters, created_at=context.now)
        return import_view(saved, _audience_of(connection, context, saved))

    return context.database.write(work)


def read_import(context: Context, import_id: str, *, faults: int = 0) -> ImportView:
    """An import, with the first `faults` of its rows' faults.

    Raises:
        NotFoundError: there is no such import.
    """
    with context.database.reading() as connection:
        row = _import(connection, context, import_id)
        found = imports.faults_page(connection, context.scope, row.id, limit=faults) if faults else []
        shown = tuple(ImportFaultView(one.record, one.column_name, one.code, one.problem) for one in found)
        return import_view(row, _audience_of(connection, context, row), shown)


def list_imports(context: Context, audience: str, *, after: Position | None = None, limit: int) -> Page[ImportView]:
    """The imports into an audience, newest first.

    Raises:
        NotFoundError: there is no such audience.
    """
    seen = after[0] if after else None
    assert seen is None or isinstance(seen, int), "a position of this list"
    with context.database.reading() as connection:
        row = load_audience(connection, context, audience).row
        found = imports.page(connection, context.scope, row.id, before=seen, limit=limit + 1)
    shown = tuple(import_view(one, audience) for one in found[:limit])
    return Page(shown, (found[limit - 1].id,) if len(found) > limit else None)


def list_import_faults(
    context: Context, import_id: str, *, after: Position | None = None, limit: int
) -> Page[ImportFaultView]:
    """What is wrong with rows of an import, by row.

    Raises:
        NotFoundError: there is no such import.
    """
    with context.database.reading() as connection:
        row = _import(connection, context, import_id)
        seen = (int(after[0] or 0), str(after[1])) if after else (0, "")
        found = imports.faults_page(connection, context.scope, row.id, after=seen, limit=limit + 1)
    shown = tuple(ImportFaultView(one.record, one.column_name, one.code, one.problem) for one in found[:limit])
    return Page(shown, (shown[-1].row, shown[-1].column) if len(found) > limit else None)


def import_view(row: ImportRow, audience: str, faults: tuple[ImportFaultView, ...] = ()) -> ImportView:
    """`row` as a view."""
    if row.state is ImportState.COMPLETED:
        progress = 100
    else:
        progress = 100 * row.rows_done // row.rows_total if row.rows_total else 0
    return ImportView(
        id=row.public_id,
        audience=audience,
        mode=row.mode,
        state=row.state,
        progress=progress,
        rows_total=row.rows_total,
        rows_done=row.rows_done,
        rows_failed=row.rows_failed,
        members_created=row.members_created,
        members_updated=row.members_updated,
        members_added=row.members_added,
        object_key=row.object_key,
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        faults=faults,
    )


def _import(connection: Connection, context: Context, import_id: str, *, lock: bool = False) -> ImportRow:
    row = imports.get(connection, context.scope, import_id, lock=lock)
    if row is None:
        raise NotFoundError(imports.KIND, import_id)
    return row


def _waiting(connection: Connection, context: Context, import_id: str, *, lock: bool = False) -> ImportRow:
    row = _import(connection, context, import_id, lock=lock)
    if row.state is not ImportState.WAITING:
        raise WrongStateError(imports.KIND, import_id, str(row.state), (str(ImportState.WAITING),))
    return row


def _audience_of(connection: Connection, context: Context, row: ImportRow) -> str:
    return audiences.by_ids(connection, context.scope, [row.audience_id])[row.audience_id].public_id
