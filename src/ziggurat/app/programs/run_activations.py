"""Put scheduled revisions in force when their instant has come, and work through activation jobs."""

from __future__ import annotations

from ziggurat.app.context import WORKER, Context
from ziggurat.app.events.load_programs import load_program, load_programs
from ziggurat.app.for_each import sum_for_each
from ziggurat.app.programs.activation import ACTIVATION, begin_activation, step_activation
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import ConcurrentChangeError
from ziggurat.store.repositories import jobs, organizations
from ziggurat.store.repositories.jobs import Job
from ziggurat.store.scope import Scope

_LEASE_US = 60_000_000


def start_due_activations(database: Database, now: int) -> int:
    """Begin with every scheduled revision whose instant has come; how many they were."""
    with database.reading() as connection:
        scopes = [organization.scope for organization in organizations.every(connection)]
        due = [
            (scope, program.row.public_id)
            for scope in scopes
            for program in load_programs(connection, Context(database, scope, WORKER, now))
            if program.newest is not None
            and program.row.latest_revision > program.row.published_revision
            and (program.newest.effective_from or 0) <= now
        ]
    return sum_for_each(due, lambda each: _start(Context(database, each[0], WORKER, now), each[1]))


def _start(context: Context, public_id: str) -> bool:
    def work(connection: Connection) -> bool:
        program = load_program(connection, context, public_id, lock=True)
        if program.row.latest_revision == program.row.published_revision:
            return False
        for job in jobs.page(connection, context.scope, kind=ACTIVATION, limit=100):
            if job.finished_at is None and job.parameters["program"] == public_id:
                return False
        begin_activation(connection, context, program)
        return True

    return context.database.write(work)


def step_activations(database: Database, worker: str, now: int) -> bool:
    """Do one stretch of one activation job of any organization; whether there was one."""
    with database.reading() as connection:
        waiting = jobs.organizations_waiting(connection, now)
    for scope in waiting:
        job = claim_job(database, scope, worker, now)
        if job is not None:
            step_job(Context(database, scope, WORKER, now), job)
            return True
    return False


def step_job(context: Context, job: Job) -> bool:
    """Do one stretch of `job`, which is claimed; whether it is done. The next stretch can be anybody's."""
    free_again = job._replace(lease_until=context.now)

    def work(connection: Connection) -> bool:
        return step_activation(connection, context, free_again)

    try:
        return context.database.write(work)
    except ConcurrentChangeError:
        return False  # another worker has it by now


def claim_job(database: Database, scope: Scope, worker: str, now: int) -> Job | None:
    """Take an organization's next activation job for a minute; None if there is none to take."""
    return database.write(
        lambda connection: jobs.claim(
            connection, scope, worker, now=now, lease_until=now + _LEASE_US, kinds=(ACTIVATION,)
        )
    )
