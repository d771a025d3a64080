"""Profiles in lists: searched, filtered and ordered, from any place in either direction."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_

from ziggurat.store.repositories.profiles import Profile, profile_of, searched
from ziggurat.store.repositories.records import columns_of
from ziggurat.store.scope import Scope
from ziggurat.store.tables import audience_members, member_profiles

_c = member_profiles.c
_ORDERS: dict[str, ColumnElement[Any]] = {
    "created_at": _c.member_id,  # members are numbered as they are made, and numbers have an index
    "email": func.coalesce(_c.email_folded, ""),
    "full_name": func.lower(func.coalesce(_c.full_name, "")),
    "last_order_at": func.coalesce(_c.last_order_at, -1),
    "lifetime_value": _c.lifetime_value,
    "order_count": _c.order_count,
}
ORDERS = tuple(_ORDERS)
"""By what profiles can be ordered; who has no such value comes before all others."""


class Wanted(NamedTuple):
    """Which profiles: all of these conditions hold, None and "" ask for nothing.

    `email` is folded; `created_after` and `created_before` are not included themselves.
    """

    search: str = ""
    email: str = ""
    phone: str = ""
    created_after: int | None = None
    created_before: int | None = None
    audience_id: int | None = None
    audience_ids: tuple[int, ...] = ()
    without_status: str = ""


class Place(NamedTuple):
    """Where a profile is in an order."""

    value: str | int
    member_id: int


class Placed(NamedTuple):
    """A profile and its place."""

    place: Place
    profile: Profile


def page(
    connection: Connection,
    scope: Scope,
    wanted: Wanted,
    *,
    order: str,
    descending: bool,
    after: Place | None = None,
    limit: int,
) -> list[Placed]:
    """The next `limit` profiles after a place, in one of ORDERS."""
    column, number = _ORDERS[order], _c.member_id
    query = scope.select(member_profiles, *columns_of(member_profiles, Profile), column)
    query = query.where(*_conditions(scope, wanted))
    if after is not None:
        beyond = number < after.member_id if descending else number > after.member_id
        if column is not number:
            further = column < after.value if descending else column > after.value
            beyond = or_(further, and_(column == after.value, beyond))
        query = query.where(beyond)
    ordering = [column] if column is number else [column, number]
    query = query.order_by(*[each.desc() if descending else each.asc() for each in ordering]).limit(limit)
    found = []
    for row in connection.execute(query):
        profile = profile_of(row[:-1])
        found.append(Placed(Place(row[-1], profile.member_id), profile))
    return found


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        found.append(searched(wanted.search))
    if wanted.email:
        found.append(_c.email_folded == wanted.email)
    if wanted.phone:
        found.append(_c.phone == wanted.phone)
    if wanted.created_after is not None:
        found.append(_c.created_at > wanted.created_after)
    if wanted.created_before is not None:
        found.append(_c.created_at < wanted.created_before)
    if wanted.audience_id is not None:
        inside = scope.select(audience_members, audience_members.c.member_id)
        found.append(_c.member_id.in_(inside.where(audience_members.c.audience_id == wanted.audience_id)))
    if wanted.audience_ids:
        inside = scope.select(audience_members, audience_members.c.member_id)
        found.append(_c.member_id.in_(inside.where(audience_members.c.audience_id.in_(wanted.audience_ids))))
    if wanted.without_status:
        found.append(or_(_c.status.is_(None), _c.status != wanted.without_status))
    return found
