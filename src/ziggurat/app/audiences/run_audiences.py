"""What audiences need without being asked: profiles for everybody, scores that decay, refreshes that are due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from weakref import WeakKeyDictionary

from ziggurat import limits
from ziggurat.app.audiences.refresh_audience import asks_about_ranks, refresh_audience
from ziggurat.app.audiences.refresh_scores import profile_steps, rank_members, score_steps
from ziggurat.app.audiences.sync_sources import start_sync
from ziggurat.app.context import WORKER, Context
from ziggurat.app.errors import SyncInProgressError
from ziggurat.app.events.follow_members import follow_members, hold_upkeep
from ziggurat.app.events.load_audiences import with_rules
from ziggurat.engine.scores import day_of
from ziggurat.store.database import Connection, Database
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audience_upkeep, audiences, history, members, profiles
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.tables.audiences import AudienceKind

_underway: WeakKeyDictionary[Database, dict[int, Iterator[int]]] = WeakKeyDictionary()
"""How far this process has come with profiles and scores, by organization; after a crash, one begins again."""


def run_audiences(database: Database, now: int) -> int:
    """Do what is due at `now`, in all organizations, a bounded part of the refreshes at a time; how much it was."""
    with database.reading() as connection:
        behind = audience_upkeep.organizations_behind(connection, day_of(now))
    done = sum(_catch_up(Context(database, scope, WORKER, now)) for scope in behind)
    with database.reading() as connection:
        ahead = profiles.organizations_due(connection, now)
    done += sum(_follow_due(Context(database, scope, WORKER, now)) for scope in ahead)
    with database.reading() as connection:
        waiting = audiences.organizations_due(connection, now)
    busy = _underway.get(database, {})
    for scope in waiting:
        if scope.organization_id in busy:  # its scores are on their way
            continue
        context = Context(database, scope, WORKER, now)
        claimed = database.write(lambda connection, context=context: _claim(connection, context))  # type: ignore[misc]
        with database.reading() as connection:
            loaded = with_rules(connection, context, claimed)
        if any(map(asks_about_ranks, loaded)):
            rank_members(context)
        for row in claimed:
            if row.kind is AudienceKind.SYNCED:
                _ask_for_sync(context, row)
            else:
                refresh_audience(context, row.public_id)
        done += len(claimed)
    return done


def _catch_up(context: Context) -> int:
    """Go on making profiles and reckoning scores for a few steps, so that other work has its turn; 1, always."""
    steps = _underway.setdefault(context.database, {})
    mine = steps.pop(context.scope.organization_id, None) or chain(profile_steps(context), score_steps(context))
    for done, _ in enumerate(mine, 1):
        if done >= limits.PROFILE_STEPS_PER_TURN:
            steps[context.scope.organization_id] = mine
            break
    return 1


def _follow_due(context: Context) -> int:
    """Let audiences follow members of whom an event has happened that was dated in the future; how many."""

    def work(connection: Connection) -> int:
        ids = profiles.due_ids(connection, context.scope, context.now, limits.MEMBERS_PER_STEP)
        held = members.lock(connection, context.scope, ids)
        histories = history.load(connection, context.scope, sorted(held))
        upkeep = hold_upkeep(connection, context, held, histories)
        if upkeep is not None:
            follow_members(connection, context, upkeep, held, histories)
        return len(held)

    return context.database.write(work)


def _ask_for_sync(context: Context, row: AudienceRow) -> None:
    with suppress(SyncInProgressError, NotFoundError):  # then its turn comes with the next interval
        start_sync(context, row.public_id)
    due = None if row.refresh_interval_s is None else context.now + row.refresh_interval_s * 1_000_000
    context.database.write(lambda connection: audiences.set_refreshed(connection, context.scope, row, context.now, due))


def _claim(connection: Connection, context: Context) -> list[AudienceRow]:
    """Audiences that are due, taken for a while: another worker leaves them alone unless that is over."""
    lease = context.now + limits.REFRESH_LEASE_S * 1_000_000
    found = audiences.due(connection, context.scope, context.now, limits.REFRESHES_PER_STEP)
    return [row for row in found if audiences.postpone(connection, context.scope, row, lease)]
