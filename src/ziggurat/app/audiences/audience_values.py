"""Views of audiences and of the members in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ziggurat.app.audiences.audience_views import AudienceGroup, AudienceView, ProfileView
from ziggurat.app.context import Context
from ziggurat.app.events.announce_audiences import was_filled
from ziggurat.app.events.load_audiences import LoadedAudience
from ziggurat.app.events.load_programs import underway
from ziggurat.program.audience_fields import TIER_ATTRIBUTES
from ziggurat.store.database import Connection
from ziggurat.store.repositories import identities, members, memberships
from ziggurat.store.repositories.identities import Identity
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.profiles import RANKS, Profile


def audience_views(
    connection: Connection, context: Context, loaded: Sequence[LoadedAudience]
) -> tuple[AudienceView, ...]:
    """Those audiences with the number of their members."""
    counts = memberships.count(connection, context.scope, [one.row.id for one in loaded])
    asked = {program for one in loaded for program in one.rules.programs}
    changing = asked & underway(connection, context) if asked else asked
    return tuple(_view(one, counts[one.row.id], context.now, changing) for one in loaded)


def _view(loaded: LoadedAudience, count: int, now: int, changing: Collection[str]) -> AudienceView:
    row = loaded.row
    group = None
    if row.group_key is not None:
        group = AudienceGroup(row.group_key, row.group_name or "", row.group_kind or "")
    overdue = row.refresh_due_at is not None and row.refresh_due_at <= now
    awaits = any(program in changing for program in loaded.rules.programs)
    return AudienceView(
        id=row.public_id,
        name=row.name,
        kind=row.kind,
        description=row.description,
        metadata=row.metadata,
        rules=loaded.said,
        program=row.program,
        tier=row.tier,
        group=group,
        position=row.position,
        refresh_interval_s=row.refresh_interval_s,
        refreshed_at=row.refreshed_at,
        stale=loaded.has_rules and (overdue or awaits or not was_filled(row)),
        members=count,
        archived=row.archived_at is not None,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_by=row.updated_by,
        updated_at=row.updated_at,
        version=row.version,
        rules_version=row.rules_version,
    )


def profile_views(connection: Connection, context: Context, found: Sequence[Profile]) -> tuple[ProfileView, ...]:
    """Those profiles with everything that is known of their members."""
    ids = [profile.member_id for profile in found]
    known = identities.by_ids(connection, context.scope, ids)
    people = members.by_ids(connection, context.scope, ids)
    return tuple(_profile_view(one, known, people) for one in found)


def _profile_view(profile: Profile, known: Mapping[int, Identity], people: Mapping[int, Member]) -> ProfileView:
    identity, member = known.get(profile.member_id), people[profile.member_id]
    return ProfileView(
        member=profile.member,
        number=profile.member_id,
        email=profile.email,
        phone=profile.phone,
        full_name=profile.full_name,
        status=profile.status,
        country=profile.country,
        region=profile.region,
        city=profile.city,
        metadata=identity.metadata if identity else {},
        attributes=member.attributes,
        created_at=profile.created_at,
        updated_at=identity.updated_at if identity else None,
        enrolled_at=profile.enrolled_at,
        last_order_at=profile.last_order_at,
        last_activity_at=profile.last_activity_at,
        amounts={name: getattr(profile, name) for name in TIER_ATTRIBUTES},
        ranks={name: getattr(profile, name) for name in RANKS},
    )
