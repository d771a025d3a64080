"""Find a member, and who stands for one that was merged."""

from __future__ import annotations

from ziggurat.app.context import Context
from ziggurat.app.errors import MemberMergedError
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import members
from ziggurat.store.repositories.members import Member


def find_member(connection: Connection, context: Context, external_id: str) -> Member:
    """The member called `external_id`.

    Raises:
        NotFoundError: the organization knows none.
    """
    found = members.get(connection, context.scope, external_id)
    if found is None:
        raise NotFoundError(members.KIND, external_id)
    return found


def find_standing(connection: Connection, context: Context, external_id: str) -> tuple[Member, Member]:
    """The member called `external_id`, and who stands for her: herself, or whom she was merged into.

    Raises:
        NotFoundError: the organization knows none.
    """
    asked = find_member(connection, context, external_id)
    if asked.merged_into is None:
        return asked, asked
    return asked, members.by_ids(connection, context.scope, [asked.merged_into])[asked.merged_into]


def lock_member(connection: Connection, context: Context, external_id: str) -> Member:
    """The member called `external_id`, held until the transaction ends.

    Raises:
        NotFoundError: the organization knows none.
        MemberMergedError: she was merged into another.
    """
    found = find_member(connection, context, external_id)
    locked = members.lock(connection, context.scope, [found.id])[found.id]
    if locked.merged_into is not None:
        into = members.by_ids(connection, context.scope, [locked.merged_into])[locked.merged_into]
        raise MemberMergedError(external_id, into.external_id)
    return locked
