"""Bring an audience's members up to date with its rules, everybody's: the differences are found in the database."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat import limits
from ziggurat.app.audiences.audience_views import RefreshView
from ziggurat.app.audiences.refresh_scores import rank_members
from ziggurat.app.context import Context
from ziggurat.app.events.announce_audiences import announce_changes, announce_rebuilt, was_filled
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.follow_members import hold_definitions
from ziggurat.app.events.load_audiences import LoadedAudience, load_audience, program_numbers
from ziggurat.program.audience_fields import RANKED
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audience_upkeep, audiences, members, memberships
from ziggurat.store.repositories.memberships import Change, Differences
from ziggurat.store.statistics import tell_planner
from ziggurat.store.tables import audience_members

_SECOND = 1_000_000


def refresh_audience(context: Context, audience: str) -> RefreshView:
    """Who joined and left now, in as many transactions as that takes; again after a crash, the rest is done.

    An audience that is a list, or archived, stays as it is. Values that decay are those of `refresh_scores`.

    Raises:
        NotFoundError: the organization has no such audience.
    """
    with context.database.reading() as connection:
        loaded = load_audience(connection, context, audience)
        if not loaded.has_rules or loaded.row.archived_at is not None:
            there = memberships.count(connection, context.scope, [loaded.row.id])
            return RefreshView(audience, 0, 0, there[loaded.row.id])
        numbers = program_numbers(connection, context, loaded.rules.programs)
        found = memberships.differences(connection, context.scope, loaded.row.id, loaded.rules, numbers)
    candidates = sorted([*found.joining, *found.leaving])
    joined = left = 0
    for start in range(0, len(candidates), limits.AUDIENCE_CHANGES_PER_STEP):
        step = candidates[start : start + limits.AUDIENCE_CHANGES_PER_STEP]
        placed = context.database.write(lambda connection, step=step: _place(connection, context, loaded, step))  # type: ignore[misc]
        joined += len(placed.joining)
        left += len(placed.leaving)
    members_now = context.database.write(lambda connection: _finish(connection, context, loaded, joined, left))
    return RefreshView(audience, joined, left, members_now)


def refresh_now(context: Context, audience: str) -> RefreshView:
    """The same with everybody ranked anew before, if the audience's rules ask about ranks.

    Raises:
        NotFoundError: the organization has no such audience.
    """
    with context.database.reading() as connection:
        loaded = load_audience(connection, context, audience)
    if asks_about_ranks(loaded):
        rank_members(context)
    return refresh_audience(context, audience)


def asks_about_ranks(loaded: LoadedAudience) -> bool:
    """Whether its members depend on everybody's scores."""
    return any(field.key in RANKED for field in loaded.rules.fields)


def _place(connection: Connection, context: Context, loaded: LoadedAudience, ids: Sequence[int]) -> Differences:
    """Look at the members `ids` again, now that nobody else changes them, and write what is different."""
    row = loaded.row
    hold_definitions(connection, context)
    current = audiences.get(connection, context.scope, row.public_id)
    if current is None or current.rules_version != row.rules_version or current.archived_at is not None:
        return Differences([], [])  # it means others now; whoever changed it refreshes it
    members.hold(connection, context.scope, ids)
    numbers = program_numbers(connection, context, loaded.rules.programs)
    found = memberships.differences_among(connection, context.scope, row.id, loaded.rules, numbers, ids)
    memberships.apply_differences(connection, context.scope, row.id, found, context.now, "refresh")
    if was_filled(row) and is_anybody_listening(connection, context):
        names = members.names(connection, context.scope, [*found.joining, *found.leaving])
        joins = [Change(row.id, member, True, context.now, "refresh") for member in found.joining]
        leaves = [Change(row.id, member, False, context.now, "refresh") for member in found.leaving]
        announce_changes(connection, context, joins + leaves, {row.id: row}, names)
    return found


def _finish(connection: Connection, context: Context, loaded: LoadedAudience, joined: int, left: int) -> int:
    row = loaded.row
    due = None if row.refresh_interval_s is None else context.now + row.refresh_interval_s * _SECOND
    audiences.set_refreshed(connection, context.scope, row, context.now, due)
    there = memberships.count(connection, context.scope, [row.id])[row.id]
    if joined + left > limits.AUDIENCE_CHANGES_PER_STEP:
        tell_planner(connection, audience_members)
    if not was_filled(row):
        audience_upkeep.touch(connection, context.scope)
        announce_rebuilt(connection, context, row, joined, left, there)
    return there


def require_audience(connection: Connection, context: Context, audience: str) -> LoadedAudience:
    """The audience, which is not archived.

    Raises:
        NotFoundError: there is none, or it is archived.
    """
    loaded = load_audience(connection, context, audience)
    if loaded.row.archived_at is not None:
        raise NotFoundError(audiences.KIND, audience)
    return loaded
