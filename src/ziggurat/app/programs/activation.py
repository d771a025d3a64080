"""Put a revision in force: everybody is evaluated by it, and nobody sees it before that is done.

A small base is done in the transaction that makes the revision. A large one is worked through by a job: it stages the
new states where nobody sees them, a thousand members at a time, and shows all of them in one last transaction. Whatever
changes a member meanwhile takes back what was staged for that member, so that nothing shown is out of date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.follow_ladder import follow_ladder
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.follow_members import follow_standings, refresh_after_activation
from ziggurat.app.events.load_programs import LoadedProgram, load_program
from ziggurat.app.events.settle_members import Outcome, evaluate_for, write_outcome
from ziggurat.app.public_ids import new_id
from ziggurat.app.webhooks.webhook_types import ACTIVATED
from ziggurat.program.calendar import calendar
from ziggurat.store.database import Connection
from ziggurat.store.repositories import history, jobs, members, outbox, programs, states
from ziggurat.store.repositories.jobs import Job
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.outbox import Message
from ziggurat.store.repositories.states import MemberState, StagedState
from ziggurat.store.repositories.transitions import TransitionRow

ACTIVATION = "activation"
_BATCH = 1_000


def begin_activation(connection: Connection, context: Context, program: LoadedProgram) -> Job | None:
    """Put the program's newest revision in force, at once or with the job that is answered. The program is locked."""
    ids = members.ids_page(connection, context.scope, limit=limits.MEMBERS_AT_ONCE_MAX + 1)
    if len(ids) > limits.MEMBERS_AT_ONCE_MAX:
        states.clear_staged(connection, context.scope, program.id)
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
        outcome = _outcome(connection, context, program, part)
        write_outcome(connection, context, program, outcome, _names(part))
        moved += len({row.member_id for row in outcome.added})
    _publish(connection, context, program, moved)
    follow_standings(connection, context, ids)
    follow_ladder(connection, context, program)
    return None


def step_activation(connection: Connection, context: Context, job: Job) -> bool:
    """Do the next stretch of an activation job, in one transaction; whether it is done.

    Raises:
        ConcurrentChangeError: the job is another worker's by now.
    """
    program = load_program(connection, context, job.parameters["program"])
    if program.row.published_revision >= job.parameters["revision"]:
        jobs.finish(connection, context.scope, job, at=context.now, result={"moved": 0})
        return True
    ids = states.unstaged(connection, context.scope, program.id, limit=limits.MEMBERS_PER_STEP)
    if len(ids) == limits.MEMBERS_PER_STEP:
        _stage(connection, context, program, ids)
        jobs.progress(connection, context.scope, job._replace(done=job.done + len(ids)))
        return False
    program = load_program(connection, context, job.parameters["program"], lock=True)
    while ids := states.unstaged(connection, context.scope, program.id, limit=limits.MEMBERS_PER_STEP):
        _stage(connection, context, program, ids)
    moved, done = _show_staged(connection, context, program)
    _publish(connection, context, program, moved)
    refresh_after_activation(connection, context, program.row.public_id)
    job = job._replace(done=done, total=done)
    jobs.finish(connection, context.scope, job, at=context.now, result={"moved": moved})
    return True


def _outcome(connection: Connection, context: Context, program: LoadedProgram, part: dict[int, Member]) -> Outcome:
    ids = sorted(part)
    known = {
        member: state
        for (member, number), state in states.of_members(connection, context.scope, ids).items()
        if number == program.id
    }
    histories = history.load(connection, context.scope, ids)
    return evaluate_for(connection, context, program, program.revisions, part, histories, known)[1]


def _stage(connection: Connection, context: Context, program: LoadedProgram, ids: Sequence[int]) -> None:
    part = members.lock(connection, context.scope, ids)
    outcome = _outcome(connection, context, program, part)
    added: dict[int, list[Any]] = {}
    for row in outcome.added:
        added.setdefault(row.member_id, []).append(list(row))
    staged = []
    everybody = outcome.everybody
    for state in everybody:
        gone = [list(row) for row in outcome.superseded.get(state.member_id, ())]
        staged.append(StagedState(state, [added.get(state.member_id, []), gone]))
    staged += [StagedState(_absent(program, number, context.now), []) for number in set(part) - _ids(everybody)]
    states.stage(connection, context.scope, staged)


def _absent(program: LoadedProgram, member_id: int, now: int) -> MemberState:
    """What is staged for a member whom the program does not count, so that she is not asked about again."""
    return MemberState(member_id, program.id, -1, None, None, None, None, None, None, 0, 0, now, 0)


def _show_staged(connection: Connection, context: Context, program: LoadedProgram) -> tuple[int, int]:
    """Make what is staged the truth; how many members moved, of how many."""
    after, moved, done = -1, 0, 0
    while page := states.staged_page(connection, context.scope, program.id, after=after, limit=_BATCH):
        after = page[-1].state.member_id
        done += len(page)
        counted = [staged for staged in page if staged.transitions]
        added = [TransitionRow(*row) for staged in counted for row in staged.transitions[0]]
        superseded = {
            staged.state.member_id: [TransitionRow(*row) for row in staged.transitions[1]]
            for staged in counted
            if staged.transitions[1]
        }
        outcome = Outcome([staged.state for staged in counted], [], [], added, superseded)
        names = _names(members.by_ids(connection, context.scope, [staged.state.member_id for staged in page]))
        write_outcome(connection, context, program, outcome, names)
        moved += len({row.member_id for row in added})
    states.clear_staged(connection, context.scope, program.id)
    return moved, done


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


def _names(found: dict[int, Member]) -> dict[int, str]:
    return {number: member.external_id for number, member in found.items()}


def _ids(found: Sequence[MemberState]) -> set[int]:
    return {state.member_id for state in found}
