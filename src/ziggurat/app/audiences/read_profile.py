"""Read what audiences know of a member."""

from __future__ import annotations

from ziggurat.app.audiences.audience_values import profile_views
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.context import Context
from ziggurat.app.events.find_member import find_member
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import profiles


def read_profile(context: Context, member: str) -> ProfileView:
    """The profile of a member as it is kept.

    Raises:
        NotFoundError: no such member, or no profile: the organization does not use audiences, or has just begun to.
    """
    with context.database.reading() as connection:
        found = find_member(connection, context, member)
        kept = profiles.by_ids(connection, context.scope, [found.id])
        if not kept:
            raise NotFoundError("profile of member", member)
        return profile_views(connection, context, list(kept.values()))[0]
