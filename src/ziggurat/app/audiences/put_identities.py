"""Say who several members are, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.check_identities import Faults, Saying, checked_sayings, find_taken, merged_metadata
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audiences.find_profiles import MemberRef, resolve_members, views_of
from ziggurat.app.audiences.put_identity import changed_identity
from ziggurat.app.context import Context
from ziggurat.app.events.announce_members import announce_changed
from ziggurat.app.events.follow_members import follow_identities
from ziggurat.store import email_lock
from ziggurat.store.database import Connection
from ziggurat.store.repositories import identities, members
from ziggurat.store.repositories.identities import Identity
from ziggurat.store.repositories.members import Member

UNKNOWN = "unknown_member"


def put_identities(
    context: Context, said: Sequence[tuple[MemberRef, Saying]], *, unique_emails: bool = False
) -> tuple[ProfileView, ...]:
    """The profiles of those members with what is said of each; of one who was merged the survivor's.

    Raises:
        InvalidMembersError: with every fault: unknown members, values that cannot be kept, and with `unique_emails`
            addresses that somebody else has.
    """
    sayings = [saying for _, saying in said]
    faults = Faults()
    checked = checked_sayings(sayings, faults)
    begin_profiles(context)

    def work(connection: Connection) -> tuple[ProfileView, ...]:
        told = Faults(list(faults.found))
        if unique_emails:
            email_lock.take(connection, context.scope)
        owners = _locked(connection, context, [ref for ref, _ in said], told)
        if unique_emails:
            numbers = [None if owner is None else owner.id for owner in owners]
            find_taken(connection, context, checked, numbers, told)
        told.raise_any()
        people = {owner.id: owner for owner in owners if owner is not None}
        before = identities.by_ids(connection, context.scope, people)
        after: dict[int, Identity] = dict(before)
        for saying, values, owner in zip(sayings, checked, owners, strict=True):
            assert owner is not None, "none is unknown"
            old = after.get(owner.id) or identities.unknown(owner.id, context.now)
            metadata = merged_metadata(old.metadata, saying, values)
            after[owner.id] = changed_identity(old, {**values, "metadata": metadata}, context.now)
        changed = [one for id_, one in after.items() if one != before.get(id_) and one.version]
        identities.save(connection, context.scope, changed)
        announce_changed(
            connection, context, [(people[one.member_id], before.get(one.member_id), one) for one in changed]
        )
        if changed:
            follow_identities(connection, context, people, [one.member_id for one in changed])
        views = views_of(connection, context, people.values())
        return tuple(views[owner.id] for owner in owners if owner is not None)

    return context.database.write(work)


def _locked(
    connection: Connection, context: Context, asked: Sequence[MemberRef], faults: Faults
) -> list[Member | None]:
    """Who stands for each, held; None where nobody does, which is a fault."""
    found = resolve_members(connection, context, asked)
    held = members.lock(connection, context.scope, {member.id for member in found.values()})
    owners: list[Member | None] = []
    for place, ref in enumerate(asked):
        owner = held[found[ref].id] if ref in found else None
        if owner is None or owner.erased_at is not None:
            owner = None
            faults.add(place, "id", "no such member", UNKNOWN)
        owners.append(owner)
    return owners
