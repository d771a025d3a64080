"""List members as audiences see them: searched, filtered, ordered, page by page in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ziggurat import limits
from ziggurat.app.audiences.audience_values import profile_views
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.events.load_audiences import load_audience
from ziggurat.app.pages import Position, TwoWayPage, two_way_page
from ziggurat.store.repositories import profile_lists
from ziggurat.store.repositories.profile_lists import ORDERS, Place, Placed, Wanted


@dataclass(frozen=True, slots=True)
class ProfilesAsked:
    """Which members: all of these conditions hold, None and "" ask for nothing.

    Args:
        search: a part of id, email, phone or name.
        email, phone: exactly that, an email without regard to case.
        created_after, created_before: UTC microseconds, themselves not included.
        audience: public id of an audience that she is in.
        audiences: public ids, and she is in one of them.
        without_status: not those of this status.
    """

    search: str = ""
    email: str = ""
    phone: str = ""
    created_after: int | None = None
    created_before: int | None = None
    audience: str | None = None
    audiences: tuple[str, ...] = ()
    without_status: str = ""


def list_profiles(
    context: Context,
    asked: ProfilesAsked,
    *,
    order: str = "created_at",
    descending: bool = True,
    start: Position | None = None,
    backwards: bool = False,
    limit: int,
) -> TwoWayPage[ProfileView]:
    """The `limit` members after `start` (the beginning), or with `backwards` those before it (the end), in order.

    Raises:
        NotFoundError: there is no such audience.
        InvalidRequestError: too short a search, or no such order.
    """
    search = asked.search.strip()
    if 0 < len(search) < limits.SEARCH_CHARACTERS_MIN:
        raise InvalidRequestError("search", f"must have at least {limits.SEARCH_CHARACTERS_MIN} characters")
    if order not in ORDERS:
        raise InvalidRequestError("order", f"must be one of {', '.join(ORDERS)}")
    begin_profiles(context)
    place = None if start is None else _place(start)
    with context.database.reading() as connection:
        audience_id = None
        if asked.audience is not None:
            audience_id = load_audience(connection, context, asked.audience).row.id
        audience_ids = tuple(load_audience(connection, context, name).row.id for name in asked.audiences)
        wanted = Wanted(
            search=search,
            email=asked.email.casefold(),
            phone=asked.phone,
            created_after=asked.created_after,
            created_before=asked.created_before,
            audience_id=audience_id,
            audience_ids=audience_ids,
            without_status=asked.without_status,
        )
        found = profile_lists.page(
            connection,
            context.scope,
            wanted,
            order=order,
            descending=descending is not backwards,
            after=place,
            limit=limit + 1,
        )

        def show(shown: Sequence[Placed]) -> tuple[ProfileView, ...]:
            return profile_views(connection, context, [placed.profile for placed in shown])

        return two_way_page(found, limit, start, show, backwards=backwards)


def _place(position: Position) -> Place:
    value, number = position
    assert value is not None, "a position of this list"
    assert isinstance(number, int), "a position of this list"
    return Place(value, number)
