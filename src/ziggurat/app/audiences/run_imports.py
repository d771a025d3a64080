"""Read the files of imports in the background, step by step: killed in between, another worker goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from ziggurat import limits
from ziggurat.app.audiences.import_members import IMPORT_JOB
from ziggurat.app.audiences.place_rows import place_rows
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.bulk.member_csv import RowReader, count_rows
from ziggurat.bulk.member_rows import MemberRow, UnreadableFileError
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import ConcurrentChangeError, NotFoundError
from ziggurat.store.objects import Objects, ObjectsUnavailableError
from ziggurat.store.repositories import audience_upkeep, audiences, imports, jobs
from ziggurat.store.repositories.imports import FaultRow, ImportRow
from ziggurat.store.repositories.jobs import Job
from ziggurat.store.scope import Scope
from ziggurat.store.tables.audiences import ImportState

_SECOND = 1_000_000


def run_imports(database: Database, objects: Objects, worker: str, clock: Callable[[], int]) -> int:
    """Go on with one import in every organization that has one waiting; how many steps were taken."""
    with database.reading() as connection:
        waiting = jobs.organizations_waiting(connection, clock())
        ready = [scope for scope in waiting if audience_upkeep.is_ready(connection, scope)]
    return sum(_run_in(database, scope, objects, worker, clock) for scope in ready)


def _run_in(database: Database, scope: Scope, objects: Objects, worker: str, clock: Callable[[], int]) -> int:
    now = clock()
    lease = now + limits.IMPORT_LEASE_S * _SECOND
    job = database.write(
        lambda connection: jobs.claim(connection, scope, worker, now=now, lease_until=lease, kinds=(IMPORT_JOB,))
    )
    if job is None:
        return 0
    context = Context(database, scope, "worker", now)
    with database.reading() as connection:
        row = _row(connection, context, job)
    try:
        return _go_on(context, objects, job, row, clock)
    except ConcurrentChangeError:
        return 1  # another worker has it by now: the step that was not its own did not count
    except (UnreadableFileError, ObjectsUnavailableError, WrongStateError) as error:
        objects.delete(row.object_key)
        _fail(Context(database, scope, "worker", clock()), job, str(error))
        return 1


def _go_on(context: Context, objects: Objects, job: Job, row: ImportRow, clock: Callable[[], int]) -> int:
    steps = 0
    if row.rows_total is None or row.rows_done < row.rows_total:
        job, row, steps = _read(context, objects, job, row, clock)
    if row.rows_done == row.rows_total:
        objects.delete(row.object_key)  # before the end is noted: whoever goes on after a crash does not need it
        context.database.write(lambda connection: _finish(connection, context, job, clock()))
        return steps + 1
    context.database.write(lambda connection: _pause(connection, context, job, row))
    return steps


def _read(
    context: Context, objects: Objects, job: Job, row: ImportRow, clock: Callable[[], int]
) -> tuple[Job, ImportRow, int]:
    """Place the rows of one turn; how far the import is then, and in how many steps.

    The job's cursor says where in the file to go on, so that nothing is read twice.
    """
    steps = 0
    with objects.opened(row.object_key) as source:
        if row.rows_total is None:
            total = count_rows(source)
            row = context.database.write(lambda connection: _begin(connection, context, job, total))
        known, offset = job.cursor or (0, None)
        rows = RowReader(source, skip=row.rows_done, offset=offset if known == row.rows_done else None)
        while steps < limits.IMPORT_STEPS_PER_TURN and (step := list(islice(rows, limits.IMPORT_ROWS_PER_STEP))):
            now = Context(context.database, context.scope, context.actor, clock())
            job = job._replace(cursor=[rows.number, rows.offset])
            row = context.database.write(
                lambda connection, job=job, step=step, now=now: _step(connection, now, job, step)  # type: ignore[misc]
            )
            steps += 1
    return job, row, steps


def _row(connection: Connection, context: Context, job: Job) -> ImportRow:
    row = imports.get(connection, context.scope, job.parameters["import"])
    if row is None:
        raise NotFoundError(imports.KIND, job.parameters["import"])
    return row


def _begin(connection: Connection, context: Context, job: Job, total: int) -> ImportRow:
    row = _row(connection, context, job)
    started = row._replace(state=ImportState.PROCESSING, rows_total=total, started_at=context.now)
    jobs.progress(connection, context.scope, job._replace(total=total))
    return imports.save(connection, context.scope, started)


def _step(connection: Connection, context: Context, job: Job, rows: Sequence[MemberRow]) -> ImportRow:
    """Place some rows and note that they are placed, in one transaction: they are never placed twice."""
    row = _row(connection, context, job)
    if rows[0].number != row.rows_done + 1:
        raise ConcurrentChangeError(f"import {row.public_id} is further than this worker knows")
    audience = audiences.by_ids(connection, context.scope, [row.audience_id])[row.audience_id]
    if audience.archived_at is not None:
        raise WrongStateError(audiences.KIND, audience.public_id, "archived", ("live",))
    source = f"import:{(row.checksum or row.public_id)[:32]}"
    placed = place_rows(connection, context, audience, rows, row.mode, source, "import")
    faults = [FaultRow(row.id, number, fault.column, fault.code, fault.problem) for number, fault in placed.faults]
    imports.add_faults(connection, context.scope, faults)
    row = imports.save(
        connection,
        context.scope,
        row._replace(
            rows_done=row.rows_done + len(rows),
            rows_failed=row.rows_failed + len({number for number, _ in placed.faults}),
            members_created=row.members_created + placed.created,
            members_updated=row.members_updated + placed.updated,
            members_added=row.members_added + placed.added,
        ),
    )
    lease = context.now + limits.IMPORT_LEASE_S * _SECOND
    jobs.progress(connection, context.scope, job._replace(done=row.rows_done, total=row.rows_total, lease_until=lease))
    return row


def _pause(connection: Connection, context: Context, job: Job, row: ImportRow) -> None:
    """Let other work have its turn: whoever comes next goes on."""
    jobs.progress(connection, context.scope, job._replace(done=row.rows_done, total=row.rows_total, lease_until=0))


def _finish(connection: Connection, context: Context, job: Job, at: int) -> None:
    row = _row(connection, context, job)
    imports.save(connection, context.scope, row._replace(state=ImportState.COMPLETED, finished_at=at))
    done = job._replace(done=row.rows_done, total=row.rows_total)
    jobs.finish(connection, context.scope, done, at=at, result={"failed": row.rows_failed})


def _fail(context: Context, job: Job, problem: str) -> None:
    def work(connection: Connection) -> None:
        row = _row(connection, context, job)
        failed = row._replace(state=ImportState.FAILED, error=problem, finished_at=context.now)
        imports.save(connection, context.scope, failed)
        jobs.finish(connection, context.scope, job, at=context.now, error=problem)

    context.database.write(work)
