"""Put a revision in force: everybody is evaluated by it, and nobody sees it before that is done.

A small base is done in the transaction that makes the revision. A large one is worked through by a job, a thousand
members at a time: it writes their new states and moves as a generation that nobody sees, shows all of them by changing
one number of the program's row, and then tells of the moves and tidies up, in steps again. Whoever settles a member
meanwhile stages her, too, so that what is shown is up to date (`events/stage_members.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ziggurat import limits
from ziggurat.app.audiences.follow_ladder import follow_ladder
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.follow_members import follow_standings, refresh_after_activation
from ziggurat.app.events.load_programs import LoadedProgram, load_program
from ziggurat.app.events.stage_members import discard_generation, stage_members, tell_staged
from ziggurat.app.events.tell_scores import ask_for_scores
from ziggurat.app.events.work_out_members import evaluate_for, write_outcome
from ziggurat.app.public_ids import new_id
from ziggurat.app.webhooks.webhook_types import ACTIVATED
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import history, jobs, members, outbox, programs, states, transitions
from ziggurat.store.repositories.jobs import Job
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.states import MemberState

ACTIVATION = "activation"
_BATCH = 1_000


def begin_activation(connection: Connection, context: Context, program: LoadedProgram) -> Job | None:
    """Put the program's newest revision in force, at once or with the job that is answered. The program is locked."""
    ids = members.ids_page(connection, context.scope, limit=limits.MEMBERS_AT_ONCE_MAX + 1)
    if len(ids) > limits.MEMBERS_AT_ONCE_MAX:
        parameters = {"program": program.row.public_id, "revision": program.row.latest_revision}
        total = members.count(connection, context.scope)
        job = jobs.create(
            connection, context.scope, new_id("job"), ACTIVATION, parameters, created_at=context.now, total=total
        )
        follow_ladder(connection, context, program)
        return job
    moved = 0
    for start in range(0, len(ids), _BATCH):
        part = members.lock(connection, context.scope, ids[start : start + _BATCH])
        tell_staged(connection, context, program, part)
        histories = history.load(connection, context.scope, sorted(part))
        known = _known(connection, context, program, part)
        outcome = evaluate_for(connection, context, program, program.revisions, part, histories, known)[1]
        names = {number: member.external_id for number, member in part.items()}
        write_outcome(connection, context, program, outcome, names)
        moved += len({row.member_id for row in outcome.added})
    programs.set_generations(connection, context.scope, program.row._replace(staging=None))
    _publish(connection, context, program, moved)
    follow_standings(connection, context, ids)
    follow_ladder(connection, context, program)
    return None


def step_activation(connection: Connection, context: Context, job: Job) -> bool:
    """Do the next stretch of an activation job, in one transaction; whether it is done.

    The generation that it stages has the number of the job. Its cursor is how far the staging has come: through which
    member, and whether that was the last.

    Raises:
        ConcurrentChangeError: the job is another worker's by now.
    """
    program = load_program(connection, context, job.parameters["program"])
    if program.row.generation == job.id:
        return _follow_up(connection, context, program, job)
    if program.row.published_revision >= job.parameters["revision"]:
        jobs.finish(connection, context.scope, job, at=context.now, result={"moved": 0})
        return True
    if program.row.staging != job.id:
        if not _tell(connection, context, program) and not _tidy(connection, context, program, before=job.id):
            _start_staging(connection, context, job)
        jobs.progress(connection, context.scope, job)
        return False
    after, is_last = job.cursor or (-1, False)
    if is_last:
        _show(connection, context, job, after)
        return False
    ids = members.ids_page(connection, context.scope, after=after, limit=limits.MEMBERS_PER_STEP)
    _stage(connection, context, program, ids)
    cursor = [ids[-1] if ids else after, len(ids) < limits.MEMBERS_PER_STEP]
    jobs.progress(connection, context.scope, job._replace(cursor=cursor, done=job.done + len(ids)))
    return False


def _start_staging(connection: Connection, context: Context, job: Job) -> None:
    """From now on, whoever settles a member stages her."""
    program = load_program(connection, context, job.parameters["program"], lock=True)
    programs.set_generations(connection, context.scope, program.row._replace(staging=job.id))


def _stage(connection: Connection, context: Context, program: LoadedProgram, ids: Sequence[int]) -> None:
    found = members.lock(connection, context.scope, ids)
    standing = {number: member for number, member in found.items() if member.merged_into is None}
    histories = history.load(connection, context.scope, sorted(standing))
    known = _known(connection, context, program, standing)
    stage_members(connection, context, program, standing, histories, known)


def _known(
    connection: Connection, context: Context, program: LoadedProgram, part: dict[int, Member]
) -> dict[int, MemberState]:
    stored = states.of_members(connection, context.scope, part)
    return {member: state for (member, number), state in stored.items() if number == program.id}


def _show(connection: Connection, context: Context, job: Job, after: int) -> None:
    """Make what is staged the truth, with those who were made since the last look."""
    program = load_program(connection, context, job.parameters["program"], lock=True)
    ids = members.ids_page(connection, context.scope, after=after, limit=limits.MEMBERS_PER_STEP)
    while ids:
        _stage(connection, context, program, ids)
        job = job._replace(done=job.done + len(ids))
        ids = members.ids_page(connection, context.scope, after=ids[-1], limit=limits.MEMBERS_PER_STEP)
    moved = transitions.count_to_tell(connection, context.scope, program.id, job.id)
    row = program.row._replace(generation=job.id, staging=None, telling=job.id if moved else None)
    programs.set_generations(connection, context.scope, row)
    _publish(connection, context, program, moved)
    refresh_after_activation(connection, context, program.row.public_id)
    jobs.progress(connection, context.scope, job._replace(total=job.done, result={"moved": moved}))


def _follow_up(connection: Connection, context: Context, program: LoadedProgram, job: Job) -> bool:
    """What is left when everybody sees the revision: messages about moves, and the states that nobody sees any more."""
    if _tell(connection, context, program) or _tidy(connection, context, program, before=job.id):
        jobs.progress(connection, context.scope, job)
        return False
    jobs.finish(connection, context.scope, job, at=context.now, result=job.result)
    return True


def _tell(connection: Connection, context: Context, program: LoadedProgram) -> bool:
    """Tell of some moves that are shown and that nobody has been told of; False if there are none."""
    row, scope = program.row, context.scope
    if row.telling is None:
        return False
    ids = transitions.to_tell(connection, scope, program.id, row.telling, limit=limits.MEMBERS_PER_STEP)
    if ids:
        members.lock(connection, scope, ids)
        tell_staged(connection, context, program, ids)
    else:
        locked = load_program(connection, context, row.public_id, lock=True)
        programs.set_generations(connection, scope, locked.row._replace(telling=None))
    return True


def _tidy(connection: Connection, context: Context, program: LoadedProgram, *, before: int) -> bool:
    """Remove some states that are not shown any more, or never were; False if there are none before that generation."""
    shown = program.row.generation
    for lowest, highest in ((-1, shown), (shown, before)):
        old = states.first_generation(connection, context.scope, program.id, after=lowest, before=highest)
        if old is not None:
            limit = limits.STATES_PER_STEP
            ids = states.members_of_generation(connection, context.scope, program.id, old, limit)
            if old < shown:
                states.clear(connection, context.scope, program.id, old, ids)
            else:
                discard_generation(connection, context, program, old, ids)
            return True
    return False


def _publish(connection: Connection, context: Context, program: LoadedProgram, moved: int) -> None:
    """Say that everybody has been evaluated by the newest revision."""
    newest = program.newest
    assert newest is not None, "a revision was made"
    row = program.row._replace(
        published_revision=program.row.latest_revision,
        name=newest.program.name,
        status=newest.status,
        updated_at=context.now,
    )
    programs.save(connection, context.scope, row)
    ask_for_scores(connection, context, program)
    effective = newest.effective_from
    data = {
        "program": row.public_id,
        "revision": newest.number,
        "effective_from": None if effective is None else calendar("UTC").format(effective),
        "members_moved": moved,
    }
    if is_anybody_listening(connection, context):
        outbox.add(connection, context.scope, [Message(ACTIVATED, data, context.now, context.now)])
    by = replace(context, actor=program.rows[-1].created_by)
    record(connection, by, "revision.in_force", f"program:{row.public_id}", revision=newest.number, moved=moved)
