"""Background jobs that survive their worker: each keeps a cursor of how far it has come, and a lease."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, or_

from ziggurat.store.errors import ConcurrentChangeError
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope, organizations_with
from ziggurat.store.sequences import take_one
from ziggurat.store.tables import jobs
from ziggurat.store.tables.service import JobState


class Job(NamedTuple):
    """A job. `cursor` is whatever its next step needs to go on; `done` of `total` is for whoever waits."""

    id: int
    public_id: str
    kind: str
    state: JobState
    parameters: dict[str, Any]
    cursor: Any
    result: Any
    done: int
    total: int | None
    error: str | None
    worker: str | None
    lease_until: int | None
    created_at: int
    started_at: int | None
    finished_at: int | None


_COLUMNS = columns_of(jobs, Job)
_OPEN = jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])


def create(
    connection: Connection,
    scope: Scope,
    public_id: str,
    kind: str,
    parameters: dict[str, Any],
    *,
    created_at: int,
    total: int | None = None,
) -> Job:
    """A new job, waiting for a worker."""
    job = Job(
        id=take_one(connection, scope, "work"),
        public_id=public_id,
        kind=kind,
        state=JobState.QUEUED,
        parameters=parameters,
        cursor=None,
        result=None,
        done=0,
        total=total,
        error=None,
        worker=None,
        lease_until=None,
        created_at=created_at,
        started_at=None,
        finished_at=None,
    )
    connection.execute(scope.insert(jobs).values(job._asdict()))
    return job


def get(connection: Connection, scope: Scope, public_id: str) -> Job | None:
    """The job with that public id."""
    return one_of(connection, scope.select(jobs, *_COLUMNS).where(jobs.c.public_id == public_id), Job)


def page(
    connection: Connection, scope: Scope, *, kind: str | None = None, before: int | None = None, limit: int
) -> list[Job]:
    """The newest `limit` jobs with ids before `before`, of one kind if it is named."""
    query = scope.select(jobs, *_COLUMNS)
    if before is not None:
        query = query.where(jobs.c.id < before)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    return all_of(connection, query.order_by(jobs.c.id.desc()).limit(limit), Job)


def count_open(connection: Connection, scope: Scope) -> int:
    """How many jobs are not closed yet."""
    return int(connection.execute(scope.select(jobs, func.count()).where(_OPEN)).scalar_one())


def organizations_waiting(connection: Connection, now: int) -> list[Scope]:
    """The organizations that have a job which a worker could take."""
    query = organizations_with(jobs, _takeable(now))
    return [Scope(number) for number in connection.execute(query).scalars()]


def claim(
    connection: Connection, scope: Scope, worker: str, *, now: int, lease_until: int, kinds: tuple[str, ...] = ()
) -> Job | None:
    """Take the oldest waiting job, or one whose worker has let its lease run out; None if there is none."""
    query = scope.select(jobs, *_COLUMNS).where(_takeable(now))
    if kinds:
        query = query.where(jobs.c.kind.in_(kinds))
    query = query.order_by(jobs.c.id).limit(1)
    if connection.dialect.name != "sqlite":
        query = query.with_for_update(skip_locked=True)
    found = one_of(connection, query, Job)
    if found is None:
        return None
    taken = found._replace(
        state=JobState.RUNNING,
        worker=worker,
        lease_until=lease_until,
        started_at=found.started_at if found.started_at is not None else now,
    )
    connection.execute(scope.update(jobs).where(jobs.c.id == found.id).values(taken._asdict()))
    return taken


def progress(connection: Connection, scope: Scope, job: Job) -> None:
    """Store how far `job` has come, in the transaction of the step itself.

    Raises:
        ConcurrentChangeError: it was cancelled, or taken over by another worker; the step must not count.
    """
    mine = and_(jobs.c.id == job.id, jobs.c.worker == job.worker, jobs.c.state == JobState.RUNNING)
    if connection.execute(scope.update(jobs).where(mine).values(job._asdict())).rowcount != 1:
        raise ConcurrentChangeError(f"job {job.public_id} is no longer this worker's")


def finish(
    connection: Connection, scope: Scope, job: Job, *, at: int, result: Any = None, error: str | None = None
) -> Job:
    """Close `job`, done or failed.

    Raises:
        ConcurrentChangeError: it was cancelled, or taken over by another worker.
    """
    state = JobState.DONE if error is None else JobState.FAILED
    closed = job._replace(state=state, result=result, error=error, finished_at=at, lease_until=None)
    progress(connection, scope, closed)
    return closed


def cancel(connection: Connection, scope: Scope, public_id: str, at: int) -> bool:
    """Close a job that is not done yet; whether there was one."""
    statement = scope.update(jobs).where(jobs.c.public_id == public_id, _OPEN)
    closed = statement.values(state=JobState.CANCELLED, finished_at=at, lease_until=None)
    return connection.execute(closed).rowcount == 1


def _takeable(now: int) -> Any:
    lapsed = and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until <= now)
    return or_(jobs.c.state == JobState.QUEUED, lapsed)
