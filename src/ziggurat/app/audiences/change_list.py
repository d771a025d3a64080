"""Put members on the list of an audience, or take them off it."""

from __future__ import annotations

from collections.abc import Sequence

from ziggurat import limits
from ziggurat.app.audiences.audience_views import ListChangeView
from ziggurat.app.audiences.refresh_audience import require_audience
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, WrongStateError
from ziggurat.app.events.announce_audiences import announce_changes
from ziggurat.store.database import Connection
from ziggurat.store.repositories import audiences, members, memberships
from ziggurat.store.repositories.audiences import AudienceRow
from ziggurat.store.repositories.members import Member
from ziggurat.store.repositories.memberships import Change
from ziggurat.store.tables.audiences import AudienceKind


def add_to_list(context: Context, audience: str, ids: Sequence[str]) -> ListChangeView:
    """Put the members with those ids on the list; unknown ids are answered, nothing is made of them.

    Raises:
        NotFoundError: there is no such audience, or it is archived.
        WrongStateError: its members follow from rules, or come from elsewhere.
        InvalidRequestError: too many at once.
    """
    return _change(context, audience, ids, joined=True)


def remove_from_list(context: Context, audience: str, ids: Sequence[str]) -> ListChangeView:
    """Take the members with those ids off the list.

    Raises:
        NotFoundError, WrongStateError, InvalidRequestError: as for `add_to_list`.
    """
    return _change(context, audience, ids, joined=False)


def _change(context: Context, audience: str, ids: Sequence[str], *, joined: bool) -> ListChangeView:
    if len(ids) > limits.LISTED_MEMBERS_PER_REQUEST_MAX:
        raise InvalidRequestError("members", f"are more than {limits.LISTED_MEMBERS_PER_REQUEST_MAX}")

    def work(connection: Connection) -> ListChangeView:
        row = require_list(connection, context, audience)
        found = members.by_external_ids(connection, context.scope, set(ids))
        held = members.lock(connection, context.scope, sorted(member.id for member in found.values()))
        alone = {id_: one for id_, one in held.items() if one.merged_into is None and one.erased_at is None}
        changes = list_members(connection, context, row, alone, joined=joined, cause="list")
        action = "audience.members_added" if joined else "audience.members_removed"
        record(connection, context, action, f"audience:{audience}", members=len(changes))
        known = {one.external_id for one in alone.values()}
        unknown = tuple(id_ for id_ in dict.fromkeys(ids) if id_ not in known)
        return ListChangeView(audience, len(changes), unknown)

    return context.database.write(work)


def list_members(
    connection: Connection,
    context: Context,
    row: AudienceRow,
    held: dict[int, Member],
    *,
    joined: bool,
    cause: str,
) -> list[Change]:
    """Put locked members on the list or take them off it; the changes that this is."""
    there = memberships.among_ids(connection, context.scope, row.id, held)
    wanted = [id_ for id_ in sorted(held) if (id_ in there) is not joined]
    changes = [Change(row.id, id_, joined, context.now, cause) for id_ in wanted]
    changes = memberships.apply(connection, context.scope, changes)
    announce_changes(connection, context, changes, {row.id: row}, {id_: one.external_id for id_, one in held.items()})
    return changes


def require_list(connection: Connection, context: Context, audience: str) -> AudienceRow:
    """The audience, whose members are a list.

    Raises:
        NotFoundError: there is no such audience, or it is archived.
        WrongStateError: its members follow from rules, or come from elsewhere.
    """
    row = require_audience(connection, context, audience).row
    if row.kind is not AudienceKind.STATIC:
        raise WrongStateError(audiences.KIND, audience, str(row.kind), (str(AudienceKind.STATIC),))
    return row
