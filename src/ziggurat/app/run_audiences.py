"""What audiences need without being asked: profiles for everybody, scores that decay, refreshes that are due."""

from __future__ import annotations

from ziggurat import limits
from ziggurat.app.context import Context
from ziggurat.app.refresh_audience import refresh_audience
from ziggurat.app.refresh_scores import build_profiles, refresh_scores
from ziggurat.engine.scores import day_of
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import audience_upkeep, audiences
from ziggurat.store.repositories.audiences import AudienceRow

WORKER = "worker"


def run_audiences(database: Database, now: int) -> int:
    """Do what is due at `now`, in all organizations, a bounded part of the refreshes at a time; how much it was."""
    with database.reading() as connection:
        behind = audience_upkeep.organizations_behind(connection, day_of(now))
    done = 0
    for scope in behind:
        context = Context(database, scope, WORKER, now)
        done += 1
        build_profiles(context)
        refresh_scores(context)
    with database.reading() as connection:
        waiting = audiences.organizations_due(connection, now)
    for scope in waiting:
        context = Context(database, scope, WORKER, now)
        claimed = database.write(lambda connection, context=context: _claim(connection, context))  # type: ignore[misc]
        for row in claimed:
            refresh_audience(context, row.public_id)
        done += len(claimed)
    return done


def _claim(connection: Connection, context: Context) -> list[AudienceRow]:
    """Audiences that are due, taken for a while: another worker leaves them alone unless that is over."""
    lease = context.now + limits.REFRESH_LEASE_S * 1_000_000
    found = audiences.due(connection, context.scope, context.now, limits.REFRESHES_PER_STEP)
    return [row for row in found if audiences.postpone(connection, context.scope, row, lease)]
