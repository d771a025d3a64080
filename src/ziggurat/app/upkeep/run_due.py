"""Take the decisions that time has brought: members whose next decision is due, in batches."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.context import WORKER, Context
from ziggurat.app.events.evaluate_members import warm_up
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.for_each import sum_for_each
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import history, members, organizations, states


def run_due(database: Database, now: int, *, limit: int = limits.MEMBERS_PER_STEP) -> int:
    """Bring members up to date that are due at `now`, up to `limit` for each program; how many they were.

    The moves bear the instants of the rules, however late this comes: what was missed is caught up in order. Any number
    of workers may do so at once.
    """
    with database.reading() as connection:
        scopes = [organization.scope for organization in organizations.every(connection)]
    return sum_for_each(scopes, lambda scope: run_due_in(Context(database, scope, WORKER, now), limit=limit))


def run_due_in(context: Context, *, limit: int = limits.MEMBERS_PER_STEP) -> int:
    """The same for one organization."""
    warm_up()
    with context.database.reading() as connection:
        programs = [program.id for program in load_evaluated(connection, context)]
        waiting = [id_ for id_ in programs if states.backlog(connection, context.scope, id_, context.now)[0]]
    return sum(_step(context, program_id, limit) for program_id in waiting)


def _step(context: Context, program_id: int, limit: int) -> int:
    def work(connection: Connection) -> int:
        programs = load_evaluated(connection, context, hold=True)
        due = states.claim_due(connection, context.scope, program_id, context.now, limit)
        if not due:
            return 0
        found = members.lock(connection, context.scope, due)
        standing = {number: member for number, member in found.items() if member.merged_into is None}
        histories = history.load(connection, context.scope, sorted(standing))
        settle_members(connection, context, programs, standing, histories)
        return len(due)

    return context.database.write(work)
