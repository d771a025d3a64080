"""Audiences follow what happens to members: what every change of a member ends with, in its own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ziggurat.app.context import Context
from ziggurat.app.events.announce_audiences import announce_changes
from ziggurat.app.events.announce_members import announce_created
from ziggurat.app.events.announce_moves import is_anybody_listening
from ziggurat.app.events.keep_profiles import keep_profiles, renew_profiles
from ziggurat.app.events.load_audiences import LoadedAudience, load_ruled, program_numbers
from ziggurat.engine.audience_match import matches
from ziggurat.store import audience_lock
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.repositories import audience_upkeep, audiences, memberships, profiles, states
from ziggurat.store.repositories.audience_upkeep import Upkeep
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.memberships import Change
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.repositories.states import MemberState


def hold_upkeep(
    connection: Connection, context: Context, members: Mapping[int, Member], histories: Histories
) -> Upkeep | None:
    """What `follow_members` needs, held until the transaction ends; None where nobody is to be followed.

    That is an organization that uses no audiences, and nobody who was erased.
    """
    if all(members[member].erased_at is not None for member in histories.member_ids):
        return None
    return hold_definitions(connection, context)


def follow_members(
    connection: Connection, context: Context, upkeep: Upkeep, members: Mapping[int, Member], histories: Histories
) -> None:
    """Bring profiles and memberships of all members in `histories` up to date, once their states are.

    They must be locked and stand for themselves.
    """
    _announce_new(connection, context, members, histories.member_ids)
    found = keep_profiles(connection, context, upkeep, members, histories)
    place_members(connection, context, upkeep, found, "event")


def _announce_new(
    connection: Connection, context: Context, members: Mapping[int, Member], ids: Collection[int]
) -> None:
    """Tell of members who were made in this very transaction: they have no profile yet."""
    fresh = [id_ for id_ in ids if members[id_].created_at == context.now]
    if fresh and is_anybody_listening(connection, context):
        known = profiles.by_ids(connection, context.scope, fresh)
        announce_created(connection, context, [members[id_] for id_ in fresh if id_ not in known])


def follow_standings(connection: Connection, context: Context, ids: Collection[int]) -> None:
    """The same where only the standings of the members `ids` in programs have changed."""
    upkeep = hold_definitions(connection, context)
    if upkeep is not None:
        place_members(connection, context, upkeep, profiles.by_ids(connection, context.scope, ids), "activation")


def follow_identities(
    connection: Connection, context: Context, members: Mapping[int, Member], ids: Collection[int]
) -> None:
    """The same where only what is known of the members `ids` has changed."""
    upkeep = hold_definitions(connection, context)
    if upkeep is not None:
        found = renew_profiles(connection, context, members, ids)
        place_members(connection, context, upkeep, found, "event")


def forget_members(connection: Connection, context: Context, ids: Iterable[int], cause: str) -> None:
    """Take members out of every audience, and their profiles away: they were merged into others, or erased."""
    gone = list(ids)
    if hold_definitions(connection, context) is None:
        return
    there = memberships.everywhere(connection, context.scope, gone)
    changes = [Change(audience, member, joined=False, at=context.now, cause=cause) for audience, member in there]
    memberships.apply(connection, context.scope, changes)
    profiles.delete(connection, context.scope, gone)


def hold_definitions(connection: Connection, context: Context) -> Upkeep | None:
    """The organization's upkeep, definitions staying as they are until the transaction ends; None: no audiences."""
    upkeep = audience_upkeep.get(connection, context.scope)
    if upkeep is None or context.database.is_sqlite:
        return upkeep
    audience_lock.share(connection, context.scope)
    return audience_upkeep.get(connection, context.scope)


def place_members(
    connection: Connection, context: Context, upkeep: Upkeep, found: Mapping[int, Profile], cause: str
) -> list[Change]:
    """Put the members with those profiles into the audiences whose rules they satisfy, and out of the others."""
    ruled = load_ruled(connection, context, upkeep)
    if not ruled or not found:
        return []
    standings = _standings(connection, context, ruled, found)
    there = memberships.of_members(connection, context.scope, found, [audience.row.id for audience in ruled])
    changes = []
    for member_id, profile in found.items():
        facts = profiles.facts_of(profile, standings.get(member_id, {}))
        for audience in ruled:
            is_in = (audience.row.id, member_id) in there
            if matches(audience.rules, facts) is not is_in:
                changes.append(Change(audience.row.id, member_id, not is_in, context.now, cause))
    changes = memberships.apply(connection, context.scope, changes)
    rows = {audience.row.id: audience.row for audience in ruled}
    announce_changes(connection, context, changes, rows, {id_: one.member for id_, one in found.items()})
    return changes


def _standings(
    connection: Connection, context: Context, ruled: Sequence[LoadedAudience], ids: Collection[int]
) -> dict[int, dict[str, MemberState]]:
    """Where the members stand in the programs that rules ask about, by the programs' public ids."""
    asked = frozenset[str]().union(*[audience.rules.programs for audience in ruled])
    numbers = {number: public_id for public_id, number in program_numbers(connection, context, asked).items()}
    standings: dict[int, dict[str, MemberState]] = {}
    if numbers:
        for (member_id, program), state in states.of_members(connection, context.scope, ids).items():
            if program in numbers:
                standings.setdefault(member_id, {})[numbers[program]] = state
    return standings


def refresh_after_activation(connection: Connection, context: Context, program: str) -> None:
    """Have the audiences refreshed that ask about `program` (public id), whose states have just changed at large."""
    upkeep = audience_upkeep.get(connection, context.scope)
    if upkeep is not None:
        asking = [one.row.id for one in load_ruled(connection, context, upkeep) if program in one.rules.programs]
        audiences.make_due(connection, context.scope, asking, context.now)
