"""The profiles of members that are asked for by name or by number, whether or not profiles are kept already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from ziggurat import limits
from ziggurat.app.audiences.audience_values import profile_views
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.context import Context
from ziggurat.app.events.keep_profiles import reckon_profiles
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audience_upkeep, history, members, profiles
from ziggurat.store.repositories.members import Member

MemberRef: TypeAlias = str | int
"""A member's id, or the organization's number for her (`ProfileView.number`)."""


def find_profiles(context: Context, asked: Sequence[MemberRef]) -> list[ProfileView | None]:
    """The profile of each; of one who was merged the survivor's, None for those who are unknown or erased."""
    with context.database.reading() as connection:
        found = resolve_members(connection, context, asked)
        views = views_of(connection, context, found.values())
        return [views[found[ref].id] if ref in found else None for ref in asked]


def find_members(context: Context, asked: Sequence[MemberRef]) -> list[str | None]:
    """The ids of those members; of one who was merged the survivor's, None for those who are unknown or erased."""
    with context.database.reading() as connection:
        found = resolve_members(connection, context, asked)
    return [found[ref].external_id if ref in found else None for ref in asked]


def resolve_members(connection: Connection, context: Context, asked: Sequence[MemberRef]) -> dict[MemberRef, Member]:
    """Who stands for each of those members now; the unknown and the erased are left out."""
    by_number = members.by_ids(connection, context.scope, {ref for ref in asked if isinstance(ref, int)})
    by_name = members.by_external_ids(connection, context.scope, {ref for ref in asked if isinstance(ref, str)})
    there: dict[MemberRef, Member] = dict(by_number.items())
    there.update(by_name.items())
    merged = {member.merged_into for member in there.values() if member.merged_into is not None}
    into = members.by_ids(connection, context.scope, merged) if merged else {}
    standing = {
        ref: member if member.merged_into is None else into[member.merged_into] for ref, member in there.items()
    }
    return {ref: member for ref, member in standing.items() if member.erased_at is None}


def views_of(connection: Connection, context: Context, found: Iterable[Member]) -> dict[int, ProfileView]:
    """The profiles of those members by number; who has none yet is reckoned on the spot."""
    people = {member.id: member for member in found}
    kept = profiles.by_ids(connection, context.scope, people)
    missing = sorted(people.keys() - kept.keys())
    if missing:
        upkeep = audience_upkeep.get(connection, context.scope)
        half_life = upkeep.half_life_days if upkeep else limits.HALF_LIFE_DAYS
        histories = history.load(connection, context.scope, missing)
        reckoned = reckon_profiles(connection, context, half_life, people, histories, {})
        kept |= {profile.member_id: profile for profile in reckoned}
    return {view.number: view for view in profile_views(connection, context, list(kept.values()))}
