"""Read audiences: one, a list of them, or those of a member."""

from __future__ import annotations

from ziggurat.app.audiences.audience_values import audience_views
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.context import Context
from ziggurat.app.events.load_audiences import load_audience, with_rules
from ziggurat.app.pages import Page, Position
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import audiences, members, memberships
from ziggurat.store.tables.audiences import AudienceKind


def read_audience(context: Context, audience: str) -> AudienceView:
    """One audience, archived or not.

    Raises:
        NotFoundError: the organization has no such audience.
    """
    with context.database.reading() as connection:
        return audience_views(connection, context, [load_audience(connection, context, audience)])[0]


def list_audiences(
    context: Context,
    *,
    archived: bool = False,
    kind: AudienceKind | None = None,
    group: str | None = None,
    after: Position | None = None,
    limit: int,
) -> Page[AudienceView]:
    """The organization's audiences in the order in which they were made; `group` is a key."""
    seen = after[0] if after else -1
    assert isinstance(seen, int), "a position of this list"
    with context.database.reading() as connection:
        rows = audiences.page(
            connection, context.scope, after=seen, limit=limit + 1, archived=archived, kind=kind, group_key=group
        )
        shown = audience_views(connection, context, with_rules(connection, context, rows[:limit]))
    return Page(shown, (rows[limit - 1].id,) if len(rows) > limit else None)


def list_group(context: Context, group: str) -> tuple[AudienceView, ...]:
    """The audiences of a group by position.

    Raises:
        NotFoundError: no audience is part of such a group.
    """
    with context.database.reading() as connection:
        rows = audiences.of_group(connection, context.scope, group)
        if not rows:
            raise NotFoundError("group", group)
        return audience_views(connection, context, with_rules(connection, context, rows))


def list_audiences_of(context: Context, member: str) -> tuple[AudienceView, ...]:
    """The audiences that a member is in.

    Raises:
        NotFoundError: the organization has no such member.
    """
    with context.database.reading() as connection:
        found = members.get(connection, context.scope, member)
        if found is None:
            raise NotFoundError(members.KIND, member)
        ids = [audience for audience, _ in memberships.audiences_of(connection, context.scope, found.id)]
        rows = audiences.by_ids(connection, context.scope, ids)
        return audience_views(connection, context, with_rules(connection, context, [rows[id_] for id_ in ids]))
