"""Members' profiles brought up to date from their histories, attributes and identities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ziggurat.app.context import Context
from ziggurat.app.events.event_columns import event_columns
from ziggurat.engine.scores import NOT_YET, member_amounts
from ziggurat.program.audience_fields import TIER_ATTRIBUTES
from ziggurat.program.calendar import NEVER
from ziggurat.program.open_values import attribute_value, flatten
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories, next_events
from ziggurat.store.repositories import identities, profiles
from ziggurat.store.repositories.audience_upkeep import Upkeep
from ziggurat.store.repositories.identities import SAID, Identity
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.profiles import RANKS, Profile

_HAPPENED = (*TIER_ATTRIBUTES, *RANKS, "last_order_at", "last_activity_at", "due_at")
"""What follows from events."""


def keep_profiles(
    connection: Connection,
    context: Context,
    upkeep: Upkeep,
    members: Mapping[int, Member],
    histories: Histories,
) -> dict[int, Profile]:
    """The profiles of all members in `histories` as of now, by member, stored; the members must be locked.

    Ranks stay as they are: they are everybody's business and change when scores are refreshed.
    """
    known = profiles.by_ids(connection, context.scope, histories.member_ids)
    found: dict[int, Profile] = {}
    changed: list[Profile] = []
    for profile in reckon_profiles(connection, context, upkeep.half_life_days, members, histories, known):
        old = known.get(profile.member_id)
        if old is not None and profile._replace(changed_at=old.changed_at) == old:
            found[profile.member_id] = old
        else:
            found[profile.member_id] = profile
            changed.append(profile)
    profiles.save(connection, context.scope, changed)
    return found


def reckon_profiles(
    connection: Connection,
    context: Context,
    half_life_days: int,
    members: Mapping[int, Member],
    histories: Histories,
    known: Mapping[int, Profile],
) -> list[Profile]:
    """The profiles of all members in `histories` as of now, in their order, nothing stored; ranks are those `known`."""
    ids = histories.member_ids
    said = identities.by_ids(connection, context.scope, ids)
    amounts = member_amounts(event_columns(histories, context.now), context.now, half_life_days)
    reckoned = {name: getattr(amounts, name).tolist() for name in TIER_ATTRIBUTES}
    instants = {name: getattr(amounts, name).tolist() for name in ("last_order_at", "last_activity_at")}
    ahead = next_events(histories, context.now)
    due = [NEVER] * len(ids) if ahead is None else ahead.tolist()
    found = []
    for place, member_id in enumerate(ids):
        old = known.get(member_id)
        values: dict[str, Any] = {name: column[place] for name, column in reckoned.items()}
        for name, column in instants.items():
            values[name] = None if column[place] == NOT_YET else column[place]
        values |= {name: getattr(old, name) if old else 0 for name in RANKS}
        values["due_at"] = None if due[place] == NEVER else due[place]
        found.append(_profile(members[member_id], said.get(member_id), values, context.now))
    return found


def renew_profiles(
    connection: Connection, context: Context, members: Mapping[int, Member], ids: Collection[int]
) -> dict[int, Profile]:
    """The profiles of `ids`, which have one, with what is known of them anew; nothing happened to them."""
    known = profiles.by_ids(connection, context.scope, ids)
    said = identities.by_ids(connection, context.scope, ids)
    found = {}
    changed = []
    for member_id, old in known.items():
        values = {name: getattr(old, name) for name in _HAPPENED}
        profile = _profile(members[member_id], said.get(member_id), values, context.now)
        if profile._replace(changed_at=old.changed_at) != old:
            changed.append(profile)
        found[member_id] = profile
    profiles.save(connection, context.scope, changed)
    return found


def _profile(member: Member, identity: Identity | None, values: Mapping[str, Any], now: int) -> Profile:
    said = {name: attribute_value(value) for name, value in member.attributes.items() if isinstance(value, str)}
    facts = flatten(said, "attributes")
    known: dict[str, Any] = dict.fromkeys(SAID)
    if identity is not None:
        facts |= flatten(identity.metadata, "metadata")
        known = {name: getattr(identity, name) for name in SAID}
    email = known["email"]
    return Profile(
        member_id=member.id,
        member=member.external_id,
        email_folded=None if email is None else email.casefold(),
        created_at=member.created_at,
        enrolled_at=member.enrolled_at,
        facts=facts,
        changed_at=now,
        **known,
        **values,
    )
